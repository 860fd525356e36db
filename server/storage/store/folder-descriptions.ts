import type { Documents } from './documents.ts';
import type { ChildRow } from './items.ts';

export interface FolderDescription {
  readonly etag: string;
  /** JSON-LD, as section 4 of draft-dejong-remotestorage has it. */
  readonly body: Buffer;
}

/** Of a document that was stored without a type. */
export const DEFAULT_TYPE = 'application/octet-stream';

const CONTEXT = 'http://remotestorage.io/spec/folder-description';
const MOST_BYTES = 32 * 1024 * 1024;
/** A small folder is described faster than remembered. */
const WORTH_KEEPING = 16 * 1024;
/** Where more than this many changed, all are read at once. */
const FEW = 100;

/** A child's part of the description, and the version that it tells of. */
interface Part {
  readonly etag: string;
  readonly json: string;
}

interface Kept extends FolderDescription {
  /** By name. */
  readonly parts: ReadonlyMap<string, Part>;
}

/**
 * Descriptions of large folders, kept by version while there is room: all devices of an account ask for the same one after a change.
 * Of one that is out of date the versions of all children are read again, and more only of those that changed.
 */
export class FolderDescriptions {
  readonly #documents: Documents;
  readonly #kept = new Map<string, Kept>();
  #bytes = 0;

  constructor(documents: Documents) {
    this.#documents = documents;
  }

  /** `version` is the folder's current one; a description never lacks what that version has. */
  async describe(accountId: string, names: readonly string[], version: string): Promise<FolderDescription> {
    const key = [accountId, ...names].join('/');
    const kept = this.#kept.get(key);
    if (kept?.etag === version) return kept;
    const parts = (kept && (await this.#renew(accountId, names, kept.parts))) ?? (await this.#read(accountId, names));
    const items = Array.from(parts.values(), ({ json }) => json).join(',');
    const body = Buffer.from(`{"@context":${JSON.stringify(CONTEXT)},"items":{${items}}}`);
    const description = { etag: version, body, parts };
    this.#forget(key);
    if (body.length >= WORTH_KEEPING) this.#keep(key, description);
    return description;
  }

  async #read(accountId: string, names: readonly string[]): Promise<Map<string, Part>> {
    return new Map((await this.#documents.findChildren(accountId, names)).map((child) => [child.name, partOf(child)]));
  }

  /** Undefined if much has changed. */
  async #renew(accountId: string, names: readonly string[], known: ReadonlyMap<string, Part>): Promise<Map<string, Part> | undefined> {
    const versions = await this.#documents.findChildVersions(accountId, names);
    const changed = versions.filter(({ name, etag }) => known.get(name)?.etag !== etag).map(({ name }) => name);
    if (changed.length > FEW) return undefined;
    const read = changed.length === 0 ? [] : await this.#documents.findChildren(accountId, names, changed);
    const fresh = new Map(read.map((child) => [child.name, partOf(child)]));
    const parts = new Map<string, Part>();
    for (const { name, etag } of versions) {
      const before = known.get(name);
      // One that is in neither was removed between the two questions.
      const part = before?.etag === etag ? before : fresh.get(name);
      if (part) parts.set(name, part);
    }
    return parts;
  }

  #keep(key: string, description: Kept): void {
    this.#kept.set(key, description);
    this.#bytes += sizeOf(description);
    for (const oldest of this.#kept.keys()) {
      if (this.#bytes <= MOST_BYTES) return;
      this.#forget(oldest);
    }
  }

  #forget(key: string): void {
    const kept = this.#kept.get(key);
    if (kept) this.#bytes -= sizeOf(kept);
    this.#kept.delete(key);
  }
}

/** The parts take about as much as what is made of them. */
function sizeOf({ body }: Kept): number {
  return body.length * 2;
}

function partOf(child: ChildRow): Part {
  const { etag } = child;
  if (child.is_folder) return { etag, json: `${JSON.stringify(`${child.name}/`)}:${JSON.stringify({ ETag: etag })}` };
  const about = {
    ETag: etag,
    'Content-Type': child.type || DEFAULT_TYPE,
    'Content-Length': child.length,
    'Last-Modified': new Date(child.modified_at).toUTCString(),
  };
  return { etag, json: `${JSON.stringify(child.name)}:${JSON.stringify(about)}` };
}
