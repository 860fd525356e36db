import { KosmosError } from '../foundation/errors.ts';

export type StorageLevel = 'r' | 'rw';

/** One access scope of draft-dejong-remotestorage, section 9: a module (`*` for all) and what may be done in its two folders. */
export interface StorageScope {
  readonly module: string;
  readonly level: StorageLevel;
}

const MOST_SCOPES = 32;
const shape = /^(\*|[a-z0-9][a-z0-9_.-]{0,63}):(r|rw)$/i;

/**
 * `notes:rw contacts:r` as a list: without doubles, the higher level where a module is named twice.
 * Throws KOSMOS_ERR_STORAGE_SCOPE for a word that is no scope, for none, and for too many.
 */
export function parseScopes(text: string): StorageScope[] {
  const words = text.split(' ').filter((word) => word !== '');
  if (words.length === 0 || words.length > MOST_SCOPES) throw new KosmosError('KOSMOS_ERR_STORAGE_SCOPE', { scope: text.slice(0, 80) });
  const levels = new Map<string, StorageLevel>();
  for (const word of words) {
    const { module, level } = parseScope(word);
    if (levels.get(module) !== 'rw') levels.set(module, level);
  }
  return [...levels].map(([module, level]) => ({ module, level }));
}

export function formatScopes(scopes: readonly StorageScope[]): string {
  return scopes.map(({ module, level }) => `${module}:${level}`).join(' ');
}

function parseScope(word: string): StorageScope {
  const [, module, level] = shape.exec(word) ?? [];
  // `public` is a folder of every module, so it cannot be one.
  if (!module || !level || module === 'public') throw new KosmosError('KOSMOS_ERR_STORAGE_SCOPE', { scope: word.slice(0, 80) });
  return { module, level: level as StorageLevel };
}
