import type { Utterance } from '../home.ts';

/** A line of IRC has 512 bytes; channel, nick and command take some. */
const LINE_BYTES = 380;
const MOST_LINES = 25;
const NICK_LENGTH = 24;

/** How a webhook speaks through RELAYMSG: under a nick that nobody can have (it has a slash), line by line. */
export function relayed({ name, text }: Utterance, bot: string): { nick: string; lines: string[] } {
  const plain = name
    .normalize('NFKC')
    .replace(/[^\p{L}\p{N}_-]+/gu, '-')
    .replace(/^[-\d]+|-+$/g, '');
  const nick = [...plain].slice(0, NICK_LENGTH).join('') || 'webhook';
  const lines = text
    .replaceAll('\0', '')
    .replaceAll('\u0001', '')
    .split(/\r\n|\r|\n/)
    .filter((line) => line.trim() !== '')
    .flatMap(fold);
  return { nick: `${nick}/${bot}`, lines: lines.length > MOST_LINES ? [...lines.slice(0, MOST_LINES - 1), '…'] : lines };
}

/** Parts that fit, cut between words where there are any. */
function fold(line: string): string[] {
  const parts: string[] = [];
  let part = '';
  for (const word of line.split(/(?<= )/).flatMap(breakWord)) {
    if (part !== '' && Buffer.byteLength(part + word) > LINE_BYTES) {
      parts.push(part.trimEnd());
      part = '';
    }
    part += word;
  }
  return [...parts, part.trimEnd()].filter((each) => each !== '');
}

function breakWord(word: string): string[] {
  return Buffer.byteLength(word) <= LINE_BYTES ? [word] : (word.match(/.{1,90}/gsu) ?? []);
}
