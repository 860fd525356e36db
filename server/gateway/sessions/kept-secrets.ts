import { isDeepStrictEqual } from 'node:util';
import type { Platform } from '../platforms/platform.ts';

export type Credentials = Readonly<Record<string, unknown>>;

const secretFields = ['password', 'token', 'serverPassword', 'certificate', 'key'];

/** Credentials without a secret mean the kept one. A kept password never goes to another server than the one that it is for. */
export function withKeptSecret(platform: Platform, given: Credentials, kept: Credentials | undefined): Credentials {
  if (!kept || secretFields.some((field) => given[field] !== undefined)) return given;
  if (!isDeepStrictEqual(platform.serverOf(given), platform.serverOf(kept))) return given;
  return { ...given, ...Object.fromEntries(secretFields.filter((field) => field in kept).map((field) => [field, kept[field]])) };
}
