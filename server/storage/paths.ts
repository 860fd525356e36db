import { KosmosError } from '../foundation/errors.ts';

/** Where something lies in an account's storage, decoded and checked. */
export interface StoragePath {
  /** Names from the root down; empty for the root folder. */
  readonly names: readonly string[];
  readonly isFolder: boolean;
}

/** PostgreSQL's index entries end at 2,704 bytes, and account, folder and name share one. */
const LONGEST_PATH = 2_048;
const DEEPEST = 64;

/**
 * Reads the path of a URL below `<storage_root>`: starts with `/`, ends with `/` for a folder.
 * Throws KOSMOS_ERR_STORAGE_PATH or KOSMOS_ERR_STORAGE_PATH_LONG.
 */
export function parsePath(encoded: string): StoragePath {
  const [first, ...segments] = encoded.split('/');
  if (first !== '' || segments.length === 0) refuse('it does not begin with /');
  const isFolder = segments.at(-1) === '';
  if (isFolder) segments.pop();
  const names = segments.map(decodeName);
  if (names.length > DEEPEST + 1 || Buffer.byteLength(names.join('/')) > LONGEST_PATH) {
    throw new KosmosError('KOSMOS_ERR_STORAGE_PATH_LONG', { limit: LONGEST_PATH, depth: DEEPEST });
  }
  return { names, isFolder };
}

/** Decoded path of the folder in which the last name lies, with `/` at both ends; '' for the root folder itself. */
export function parentOf(names: readonly string[]): string {
  return names.length === 0 ? '' : folderOf(names.slice(0, -1));
}

/** Decoded path of the folder that these names lead to. */
export function folderOf(names: readonly string[]): string {
  return names.length === 0 ? '/' : `/${names.join('/')}/`;
}

/** Documents below `/public/` may be read by everybody. */
export function isPublicDocument({ names, isFolder }: StoragePath): boolean {
  return names[0] === 'public' && names.length > 1 && !isFolder;
}

/** The same path in the one spelling that Armadietto's scope check and its pattern of valid paths agree with. */
export function canonicalPath({ names, isFolder }: StoragePath): string {
  const encoded = names.map((name) => encodeURIComponent(name).replace(/[!'()*~]/g, escapeCharacter));
  return `/${encoded.join('/')}${isFolder && names.length > 0 ? '/' : ''}`;
}

function escapeCharacter(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}

function decodeName(segment: string): string {
  const name = decode(segment);
  if (name === '') refuse('a name is empty');
  if (name === '.' || name === '..') refuse('a name is “.” or “..”');
  if (name.includes('/') || name.includes('\0')) refuse('a name has a slash or a null character');
  return name;
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return refuse('it is not UTF-8 in percent-encoding');
  }
}

function refuse(reason: string): never {
  throw new KosmosError('KOSMOS_ERR_STORAGE_PATH', { reason });
}
