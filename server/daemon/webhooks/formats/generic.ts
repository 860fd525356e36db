import { refuse, textAt, type Format } from './format.ts';

/** `{room, message}` as Kosmos's bots take it: a text or a list of texts. */
export const generic: Format = {
  name: 'generic',
  recognises: ({ body }) => 'message' in body,
  read: ({ body }) => {
    const { message } = body;
    const parts: unknown[] = Array.isArray(message) ? message : [message];
    if (!parts.every((part) => typeof part === 'string')) refuse('“message” has to be a text or a list of texts');
    const text = parts.join('\n').trim();
    if (text === '') refuse('“message” is empty');
    const name = textAt(body, 'username');
    return name ? { name, text } : { text };
  },
};
