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
const MOST_BYTES = 16 * 1024 * 1024;
/** A small folder is described faster than remembered. */
const WORTH_KEEPING = 16 * 1024;

/**
 * Descriptions of large folders, kept by version while there is room: all devices of an account ask for the same one after a change, and
 * ten thousand rows take the database longer than everything else.
 */
export class FolderDescriptions {
  readonly #documents: Documents;
  readonly #kept = new Map<string, FolderDescription>();
  #bytes = 0;

  constructor(documents: Documents) {
    this.#documents = documents;
  }

  /** `version` is the folder's current one; a description never lacks what that version has. */
  async describe(accountId: string, names: readonly string[], version: string): Promise<FolderDescription> {
    const key = [accountId, ...names].join('/');
    const kept = this.#kept.get(key);
    if (kept?.etag === version) return kept;
    const children = await this.#documents.findChildren(accountId, names);
    const items = Object.fromEntries(children.map(describeChild));
    const description = { etag: version, body: Buffer.from(JSON.stringify({ '@context': CONTEXT, items })) };
    this.#forget(key);
    if (description.body.length >= WORTH_KEEPING) this.#keep(key, description);
    return description;
  }

  #keep(key: string, description: FolderDescription): void {
    this.#kept.set(key, description);
    this.#bytes += description.body.length;
    for (const oldest of this.#kept.keys()) {
      if (this.#bytes <= MOST_BYTES) return;
      this.#forget(oldest);
    }
  }

  #forget(key: string): void {
    this.#bytes -= this.#kept.get(key)?.body.length ?? 0;
    this.#kept.delete(key);
  }
}

function describeChild(child: ChildRow): [string, object] {
  if (child.is_folder) return [`${child.name}/`, { ETag: child.etag }];
  return [
    child.name,
    {
      ETag: child.etag,
      'Content-Type': child.type || DEFAULT_TYPE,
      'Content-Length': child.length,
      'Last-Modified': new Date(child.modified_at).toUTCString(),
    },
  ];
}
