import { lines, listAt, objectAt, refuse, textAt, type Body, type Format } from './format.ts';

/** https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks: text, blocks and attachments as far as plain text can. */
export const slack: Format = {
  name: 'slack',
  recognises: ({ body }) => 'text' in body || 'blocks' in body || 'attachments' in body,
  read: ({ body }) => {
    const blocks = listAt(body, 'blocks').map(describeBlock);
    const text = lines(
      ...(blocks.length > 0 ? blocks : [plain(textAt(body, 'text'))]),
      ...listAt(body, 'attachments').map(describeAttachment),
    );
    if (text === '') refuse('it has no text: “text”, “blocks” and “attachments” are empty');
    const name = textAt(body, 'username');
    return name ? { name, text } : { text };
  },
};

function describeBlock(block: Body): string {
  const type = textAt(block, 'type');
  if (type === 'header' || type === 'section')
    return lines(textOf(block), ...listAt(block, 'fields').map((field) => plain(textAt(field, 'text'))));
  if (type === 'context')
    return listAt(block, 'elements')
      .map((item) => plain(textAt(item, 'text') || textAt(item, 'alt_text')))
      .join(' ');
  if (type === 'image') return lines(textAt(block, 'title', 'text') || textAt(block, 'alt_text'), textAt(block, 'image_url'));
  if (type === 'actions')
    return listAt(block, 'elements')
      .map((item) => plain(`${textOf(item)} ${textAt(item, 'url')}`.trim()))
      .join(' · ');
  if (type === 'rich_text') return listAt(block, 'elements').map(describeRich).join('\n');
  return '';
}

function describeRich(element: Body): string {
  const type = textAt(element, 'type');
  const inner = listAt(element, 'elements');
  if (type === 'rich_text_list') return inner.map((item) => `• ${describeRich(item)}`).join('\n');
  if (type === 'link') return textAt(element, 'text') ? `${textAt(element, 'text')} (${textAt(element, 'url')})` : textAt(element, 'url');
  if (type === 'emoji') return `:${textAt(element, 'name')}:`;
  if (type === 'user') return `@${textAt(element, 'user_id')}`;
  return inner.length > 0 ? inner.map(describeRich).join('') : typeof element.text === 'string' ? element.text : '';
}

function describeAttachment(attachment: Body): string {
  const title = plain(textAt(attachment, 'title'));
  const link = textAt(attachment, 'title_link');
  const body = lines(
    plain(textAt(attachment, 'pretext')),
    title && link ? `${title} (${link})` : title,
    plain(textAt(attachment, 'text')),
    ...listAt(attachment, 'fields').map((field) => `${plain(textAt(field, 'title'))}: ${plain(textAt(field, 'value'))}`),
    ...listAt(attachment, 'blocks').map(describeBlock),
    textAt(attachment, 'image_url'),
  );
  return body || plain(textAt(attachment, 'fallback'));
}

function textOf(block: Body): string {
  return plain(textAt(objectAt(block, 'text'), 'text'));
}

/**
 * Slack's mark-up of addresses and mentions (https://docs.slack.dev/messaging/formatting-message-text) as people would write it. Other
 * words in angle brackets stay: not every sender escapes them as it should.
 */
function plain(text: string): string {
  return text
    .replace(/<((?:https?|mailto|tel):[^<>|]+|[@#!][^<>|]+)(?:\|([^<>]*))?>/g, (_, target: string, label = '') =>
      link(target, label as string),
    )
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}

function link(target: string, label: string): string {
  return mention(target) ?? (label && label !== target ? `${label} (${target})` : target);
}

function mention(target: string): string | undefined {
  if (/^[@#]/.test(target)) return target;
  return target.startsWith('!') ? `@${(target.slice(1).split('^')[0] ?? '').replace('here', 'channel')}` : undefined;
}
