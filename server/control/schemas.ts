import { Ajv, type ValidateFunction } from 'ajv';
import formats from 'ajv-formats';
import stringifierFor from 'fast-json-stringify';
import type { App } from './app-type.ts';

/**
 * Validates bodies as they are, and what comes as text (parameters, queries, headers) after turning it into numbers and booleans.
 * A schema is compiled when its route is first asked: compiling all of them took a quarter of the start and of its memory.
 */
export function compileWhenAsked(app: App): void {
  const strict = createAjv(false);
  const fromText = createAjv(true);
  app.setValidatorCompiler<object>(({ schema, httpPart }) => lazyValidator(httpPart === 'body' ? strict : fromText, schema));
  app.setSerializerCompiler<object>(({ schema }) => {
    let stringify: ((value: unknown) => string) | undefined;
    return (value) => (stringify ??= stringifierFor(schema))(value);
  });
}

function createAjv(coerceTypes: boolean): Ajv {
  const ajv = new Ajv({ allErrors: false, coerceTypes, removeAdditional: false, useDefaults: true });
  formats.default(ajv);
  return ajv;
}

/** Fastify reads the errors from the function that it called. */
function lazyValidator(ajv: Ajv, schema: object): (value: unknown) => boolean {
  let compiled: ValidateFunction | undefined;
  const validate = Object.assign(
    (value: unknown): boolean => {
      compiled ??= ajv.compile(schema);
      const valid = compiled(value);
      validate.errors = compiled.errors;
      return valid;
    },
    { errors: null as ValidateFunction['errors'] },
  );
  return validate;
}
