import { catalogue, type ErrorCode } from './error-catalogue.ts';

export type { ErrorCode };

/** Values that fill the `{placeholders}` of a catalogue sentence. Never put a secret in here: it is shown and logged. */
export type ErrorDetails = Record<string, string | number>;

/** An error that a person or a client can meet: a stable code, an HTTP status, a sentence that says what to do. */
export class KosmosError extends Error {
  readonly code: ErrorCode;
  readonly status: number;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, details: ErrorDetails = {}, options?: ErrorOptions) {
    const entry = catalogue[code];
    super(fill(entry.message, details), options);
    this.name = 'KosmosError';
    this.code = code;
    this.status = entry.status;
    this.details = details;
  }

  /** What leaves the appliance: no stack, no cause. */
  toJSON(): { code: ErrorCode; message: string; details?: ErrorDetails } {
    const body = { code: this.code, message: this.message };
    return Object.keys(this.details).length > 0 ? { ...body, details: this.details } : body;
  }
}

export function isKosmosError(error: unknown, code?: ErrorCode): error is KosmosError {
  return error instanceof KosmosError && (code === undefined || error.code === code);
}

/** The message of anything that was thrown, for logs. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function fill(sentence: string, details: ErrorDetails): string {
  return sentence.replace(/\{(\w+)\}/g, (_, name: string) => String(details[name] ?? `(${name})`));
}
