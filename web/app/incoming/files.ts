import type { Attachment } from '../lib/activity.ts';

const share = /^https?:\/\/\S+\/public\/shares\/[^\s/]+\/[^\s/]+$/i;
const upload = /^https?:\/\/\S+\/upload\/[^\s/]+\/[^\s/]+$/i;

/** Addresses of files: shares of a remoteStorage anywhere, uploads to this appliance. */
function isFile(line: string): boolean {
  return share.test(line) || (upload.test(line) && new URL(line).hostname === location.hostname);
}

/**
 * Where a protocol has no attachments, the addresses of files stand in the last lines of the text: they become attachments again.
 * `known` are those that came beside the text.
 */
export function withFiles(text: string, known: readonly Attachment[]): { content: string; attachments: readonly Attachment[] } {
  const lines = text.split('\n');
  const found: Attachment[] = [];
  for (let line = lines.at(-1)?.trim(); line; line = lines.at(-1)?.trim()) {
    const url = line;
    const attachment = known.find((one) => one.url === url) ?? (isFile(url) ? { url } : undefined);
    if (!attachment) break;
    found.unshift(attachment);
    lines.pop();
  }
  if (found.length === 0) return { content: text, attachments: known };
  const others = known.filter(({ url }) => !found.some((one) => one.url === url));
  return { content: lines.join('\n'), attachments: [...others, ...found] };
}
