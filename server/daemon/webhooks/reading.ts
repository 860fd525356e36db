import { formats } from './formats/all.ts';
import { refuse, type Body, type Delivery, type Format } from './formats/format.ts';

/** The JSON object that a request carries, as JSON or as a form: Slack and GitHub put JSON into its field `payload`. */
export function readBody(raw: Buffer, contentType: string | undefined, query: Readonly<Record<string, unknown>>): Body {
  const text = raw.toString('utf8');
  if (text.trim() === '') return Object.keys(query).length > 0 ? query : refuse('the body is empty; send JSON');
  if (!contentType?.startsWith('application/x-www-form-urlencoded')) return parseObject(text, 'the body');
  const form = new URLSearchParams(text);
  const payload = form.get('payload');
  return payload === null ? Object.fromEntries(form) : parseObject(payload, 'the field “payload”');
}

/** Throws KOSMOS_ERR_WEBHOOK_CONTENT that names what can be sent. */
export function findFormat(delivery: Delivery): Format {
  const format = formats.find((each) => each.recognises(delivery));
  if (format) return format;
  const known = formats.map(({ name }) => name).join(', ');
  return refuse(`the body has none of the fields “text”, “message”, “blocks” or “attachments” and no header of a known sender (${known})`);
}

function parseObject(text: string, where: string): Body {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return refuse(`${where} is no JSON (${(error as Error).message})`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return refuse(`${where} has to be a JSON object`);
  return value as Body;
}
