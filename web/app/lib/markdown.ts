import DOMPurify from 'dompurify';
import { Marked, type TokenizerAndRendererExtension, type Tokens } from 'marked';
import { escapeHtml } from './text.ts';

/** What names in a text may lead to. */
export interface Names {
  /** One's own name: a mention of it stands out. */
  me: string;
  isPerson(name: string): boolean;
  /** Where a channel of this name is, if there is one. */
  channelHref(name: string): string | undefined;
}

export const noNames: Names = { me: '', isPerson: () => false, channelHref: () => undefined };

let names: Names = noNames;

/** As in an address: `me@example`, `page#part`. */
const isInsideWord = (before: readonly { raw: string }[]) => /[\p{L}\p{N}_/&]$/u.test(before.at(-1)?.raw ?? '');

const mention: TokenizerAndRendererExtension = {
  name: 'mention',
  level: 'inline',
  start: (source) => source.search(/@[\p{L}\p{N}_]/u),
  tokenizer(source, tokens) {
    if (isInsideWord(tokens)) return undefined;
    const match = /^@([\p{L}\p{N}_][\p{L}\p{N}_.|^`[\]{}-]*)/u.exec(source);
    const name = match?.[1]?.replace(/[.-]+$/, '') ?? '';
    const isMe = name.toLowerCase() === names.me.toLowerCase();
    return name && (isMe || names.isPerson(name)) ? { type: 'mention', raw: `@${name}`, name, isMe } : undefined;
  },
  renderer: (token) => `<span class="mention${token['isMe'] ? ' is-me' : ''}">@${escapeHtml(String(token['name']))}</span>`,
};

const channel: TokenizerAndRendererExtension = {
  name: 'channel',
  level: 'inline',
  start: (source) => source.search(/#[\p{L}\p{N}_]/u),
  tokenizer(source, tokens) {
    if (isInsideWord(tokens)) return undefined;
    const match = /^#([\p{L}\p{N}_][\p{L}\p{N}_.-]*)/u.exec(source);
    const name = match?.[1]?.replace(/[.-]+$/, '') ?? '';
    const href = name ? names.channelHref(name) : undefined;
    return href ? { type: 'channel', raw: `#${name}`, name, href } : undefined;
  },
  renderer: (token) => `<a class="channel-ref" href="${escapeHtml(String(token['href']))}">#${escapeHtml(String(token['name']))}</a>`,
};

const none = () => undefined;

/** Markdown as people write it in a chat: no HTML, no indented code, no underlined headings, pictures as links. */
const marked = new Marked({ gfm: true, breaks: true, async: false });
marked.use({ extensions: [mention, channel] });
marked.use({
  tokenizer: { html: none, tag: none, code: none, lheading: none, def: none },
  renderer: {
    image: ({ href, text }: Tokens.Image) => `<a href="${escapeHtml(href)}">${escapeHtml(text || href)}</a>`,
    heading({ tokens }: Tokens.Heading) {
      return `<p><strong>${this.parser.parseInline(tokens)}</strong></p>`;
    },
    checkbox: ({ checked }: Tokens.Checkbox) => (checked ? '☑ ' : '☐ '),
  },
});

const tags = 'p br strong em del code pre a ul ol li blockquote span hr table thead tbody tr th td'.split(' ');
const classes = /^(mention|is-me|channel-ref|language-[\w+#-]{1,30})$/;
const addresses = /^(?:(?:https?|xmpp|ircs?|mailto|tel|geo|magnet):|\/(?![/\\]))/i;

const purifier = DOMPurify();
purifier.addHook('uponSanitizeAttribute', (_node, attribute) => {
  if (attribute.attrName !== 'class') return;
  attribute.attrValue = attribute.attrValue
    .split(/\s+/)
    .filter((name) => classes.test(name))
    .join(' ');
  attribute.keepAttr = attribute.attrValue !== '';
});
purifier.addHook('afterSanitizeAttributes', (node) => {
  if (node.nodeName !== 'A' || node.classList.contains('channel-ref')) return;
  node.setAttribute('target', '_blank');
  node.setAttribute('rel', 'noopener noreferrer nofollow ugc');
});

function sanitise(html: string): string {
  return purifier.sanitize(html, {
    ALLOWED_TAGS: tags,
    ALLOWED_ATTR: ['href', 'class', 'start', 'align'],
    ALLOWED_URI_REGEXP: addresses,
    ALLOW_DATA_ATTR: false,
    ALLOW_ARIA_ATTR: false,
  });
}

const markup = /[*_`~[\]<>&\\#@|]|\n|:\/\/|www\.|mailto:|^\s*(?:[-+]|\d+[.)])\s/;

/** IRC's codes for colour and style. */
// eslint-disable-next-line no-control-regex
const ircCodes = /\x03(?:\d{1,2}(?:,\d{1,2})?)?|\x04(?:[0-9a-f]{6})?|[\x00-\x08\x0b-\x1f\x7f]/gi;

export function stripCodes(text: string): string {
  return text.replace(/\r\n?/g, '\n').replace(ircCodes, '');
}

/** The one way from what people wrote to HTML: safe to be put into the page. */
export function renderMarkdown(source: string, known: Names = noNames): string {
  const text = stripCodes(source);
  if (!markup.test(text)) return `<p>${escapeHtml(text)}</p>`;
  names = known;
  try {
    return sanitise(marked.parse(text) as string);
  } finally {
    names = noNames;
  }
}

const pictograms = /^(?:\p{RGI_Emoji}|\s){1,12}$/v;

/** A message of nothing but a few emoji is shown large. */
export function isJumbo(text: string): boolean {
  return text.length < 60 && pictograms.test(text) && /\S/.test(text);
}

/** One line of plain text for quotes, previews and titles. */
export function plainLine(source: string): string {
  return stripCodes(source)
    .replace(/```[\s\S]*?```/g, '…')
    .replace(/[*_~`]{1,3}(?=\S)([^*_~`]+)[*_~`]{1,3}/g, '$1')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 300);
}
