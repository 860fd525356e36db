import type { Database } from '../database/database.ts';
import { isKosmosError } from '../foundation/errors.ts';
import { importDocument } from './import.ts';
import type { RemoteStorage, StorageAccess } from './remote-storage.ts';

export interface FolderSource {
  readonly storage: RemoteStorage;
  readonly access: StorageAccess;
  /** A channel's folder: `chat-messages/irc.example.org/channels/general`. */
  readonly folder: string;
}

export interface FolderImport {
  readonly documents: number;
  /** How many messages were new. */
  readonly messages: number;
  /** Documents that are none of the format, with the reason. */
  readonly refused: readonly { readonly document: string; readonly reason: string }[];
  /** The last day that was looked at, to go on after; null if that was all. */
  readonly next: string | null;
}

const AT_ONCE = 50;
const LONGEST = 20_000;

/** Takes the daily documents of a folder into a channel, oldest first, from after the day `after` (`2026/01/02`) on; some at a time. */
export async function importFolder(database: Database, channelId: string, source: FolderSource, after = ''): Promise<FolderImport> {
  const { storage, access, folder } = source;
  const end = Date.now() + LONGEST;
  const refused: { document: string; reason: string }[] = [];
  let [documents, messages] = [0, 0];
  let last = after;
  for await (const day of daysOf(source, after)) {
    if (documents + refused.length >= AT_ONCE || Date.now() > end) return { documents, messages, refused, next: last };
    last = day;
    try {
      messages += await importDocument(database, channelId, await storage.get(access, `${folder}/${day}`));
      documents += 1;
    } catch (error) {
      if (!isKosmosError(error, 'KOSMOS_ERR_DOCUMENT_INVALID')) throw error;
      refused.push({ document: day, reason: error.message });
    }
  }
  return { documents, messages, refused, next: null };
}

/** `YYYY/MM/DD` of every document, in order. A folder before `after` is not even listed. */
async function* daysOf({ storage, access, folder }: FolderSource, after: string): AsyncGenerator<string> {
  const inside = async (path: string, shape: RegExp): Promise<string[]> => {
    const names = await storage.list(access, `${folder}/${path}`);
    return names.filter((name) => shape.test(name)).map((name) => path + name);
  };
  for (const year of await inside('', /^\d{4}\/$/)) {
    if (year < after.slice(0, year.length)) continue;
    for (const month of await inside(year, /^\d\d\/$/)) {
      if (month < after.slice(0, month.length)) continue;
      for (const day of await inside(month, /^\d\d$/)) if (day > after) yield day;
    }
  }
}
