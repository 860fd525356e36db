import { createHash } from 'node:crypto';
import { Ajv, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import { KosmosError } from '../../foundation/errors.ts';
import type { Activity, JsonSchema, Platform } from '../platforms/platform.ts';
import { AS_CONTEXT, platformContext, SOCKETHUB_CONTEXT } from './contexts.ts';

interface Validators {
  readonly credentials: ValidateFunction;
  readonly messages: ValidateFunction;
}

const PROTOCOL_VERSION = '5.0.0';

/** The platforms, the schemas that the gateway publishes for them, and the checks made from exactly those. */
export class Catalogue {
  readonly platforms: ReadonlyMap<string, Platform>;
  readonly #validators = new Map<string, Validators>();
  readonly #published: { readonly fingerprint: string; readonly [field: string]: unknown };

  constructor(platforms: readonly Platform[]) {
    this.platforms = new Map(platforms.map((platform) => [platform.id, platform]));
    for (const { id, schemas } of platforms) {
      this.#validators.set(id, { credentials: compile(schemas.credentials), messages: compile(schemas.messages) });
    }
    const content = {
      version: PROTOCOL_VERSION,
      contexts: { as: AS_CONTEXT, sockethub: SOCKETHUB_CONTEXT },
      platforms: platforms.map(publish),
    };
    this.#published = { fingerprint: createHash('sha256').update(JSON.stringify(content)).digest('hex'), ...content };
  }

  /** The answer to `schemas`: nothing but the fingerprint to a client that has them already. */
  answer(fingerprint: unknown): object {
    const known = this.#published.fingerprint;
    return fingerprint === known ? { fingerprint: known, unchanged: true } : this.#published;
  }

  /** Throws KOSMOS_ERR_PLATFORM_UNKNOWN. */
  get(id: string): Platform {
    const platform = this.platforms.get(id);
    if (!platform) throw new KosmosError('KOSMOS_ERR_PLATFORM_UNKNOWN', { platform: id });
    return platform;
  }

  /** Throws KOSMOS_ERR_VALIDATION or KOSMOS_ERR_VERB_UNKNOWN. */
  checkMessage(platform: Platform, activity: Activity): void {
    if (!platform.types.includes(activity.type)) {
      throw new KosmosError('KOSMOS_ERR_VERB_UNKNOWN', { platform: platform.id, verb: activity.type.slice(0, 40) });
    }
    check(this.#validators.get(platform.id)?.messages, activity);
  }

  checkCredentials(platform: Platform, activity: Activity): void {
    check(this.#validators.get(platform.id)?.credentials, activity);
  }
}

function publish({ id, version, types, schemas }: Platform): object {
  return { id, version, contextUrl: platformContext(id), contextVersion: '1', schemaVersion: '1', types, schemas };
}

function compile(schema: JsonSchema): ValidateFunction {
  const ajv = new Ajv({ strict: false, allErrors: false, ownProperties: true });
  addFormats.default(ajv);
  return ajv.compile(schema);
}

function check(validate: ValidateFunction | undefined, activity: Activity): void {
  if (!validate || validate(activity)) return;
  const errors = validate.errors ?? [];
  // The deepest error is about the alternative that was meant; the last one only says that none fitted.
  const [telling] = [...errors].sort((a, b) => b.instancePath.length - a.instancePath.length);
  const place = (telling?.instancePath ?? '').slice(1).replaceAll('/', '.') || 'it';
  throw new KosmosError('KOSMOS_ERR_VALIDATION', { reason: `${place} ${telling?.message ?? 'does not fit'}` });
}
