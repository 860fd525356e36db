import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { ember, extensions } from '@embroider/vite';
import { parse } from '@formatjs/icu-messageformat-parser';
import { babel } from '@rollup/plugin-babel';
import { defineConfig } from 'vite';

const require = createRequire(import.meta.url);

/** A module that is made at build time: `prefix:name` becomes what `make(name)` returns as its default export. */
function madeModules(prefix, make) {
  return {
    name: `made-modules-${prefix}`,
    resolveId: (id) => (id.startsWith(`${prefix}:`) ? `\0${id}` : null),
    load: (id) => (id.startsWith(`\0${prefix}:`) ? `export default ${JSON.stringify(make(id.slice(prefix.length + 2)))};` : null),
  };
}

/** What stands inside the `<svg>` of a Lucide icon. */
function icon(name) {
  const svg = readFileSync(require.resolve(`lucide-static/icons/${name}.svg`), 'utf8');
  return svg
    .replace(/^[\s\S]*?<svg[\s\S]*?>|<\/svg>[\s\S]*$/g, '')
    .replace(/\s+/g, ' ')
    .trim();
}

/** One row per emoji; the short names are the English ones that people know, whatever the language. */
function emoji(language) {
  const rows = require(`emoji-picker-element-data/${language}/cldr/data.json`);
  const shortNames = require('emoji-picker-element-data/en/github/data.json');
  const shortNameOf = new Map(shortNames.map(({ emoji: character, shortcodes }) => [character, shortcodes?.[0]]));
  return rows
    .filter(({ version }) => version <= 15)
    .map((row) => [
      row.emoji,
      row.group,
      row.annotation,
      (row.tags ?? []).join(' '),
      shortNameOf.get(row.emoji) ?? row.shortcodes?.[0] ?? '',
    ]);
}

/**
 * Ember's way to take over a page that a server has drawn: no server draws ours. A new Ember whose files are named otherwise only
 * makes the client 3 kB larger again, which the size check would tell.
 */
function withoutServerRendering() {
  return {
    name: 'without-server-rendering',
    enforce: 'pre',
    load(id) {
      if (!/ember-source\/.*\/(?:rehydrate|serialize)-builder-[\w-]+\.js$/.test(id)) return null;
      const names = [...(/^export \{(.*)\};$/m.exec(readFileSync(id, 'utf8'))?.[1] ?? '').matchAll(/(\w+) as (\w+)/g)];
      // One of them is asked of every page, and answers no.
      return names.map(([, name, short]) => `const ${name} = () => false; export { ${name} as ${short} };`).join('\n');
    },
  };
}

/** Ember's own `<Input>` and `<Textarea>`: no template here has one, but each application registers them. */
function withoutBuiltInFields() {
  return {
    name: 'without-built-in-fields',
    enforce: 'pre',
    load: (id) => (/ember-source\/.*\/textarea-[\w-]+\.js$/.test(id) ? 'export const I = {}; export const T = {};' : null),
  };
}

/** `{a: {b: 'text'}}` as `{'a.b': message}`: messages with arguments are parsed here, so that no parser is loaded. */
function translations(language) {
  const messages = {};
  const take = (part, prefix) => {
    for (const [key, value] of Object.entries(part)) {
      if (typeof value === 'object') take(value, `${prefix}${key}.`);
      else messages[prefix + key] = value.includes('{') ? parse(value, { ignoreTag: true }) : value;
    }
  };
  take(JSON.parse(readFileSync(new URL(`translations/${language}.json`, import.meta.url), 'utf8')), '');
  return messages;
}

/**
 * Socket.IO's other transports are left out: long polling would need sticky sessions as soon as there are two gateways,
 * and every proxy that serves the appliance passes websockets.
 */
function websocketOnly() {
  const gone = {
    'polling-xhr': 'export class BaseXHR {} export class Request {} export class XHR {}',
    'polling-fetch': 'export class Fetch {}',
    webtransport: 'export class WT {}',
  };
  return {
    name: 'websocket-only',
    enforce: 'pre',
    load: (id) => gone[/engine\.io-client\/build\/esm\/transports\/([a-z-]+)\.js/.exec(id)?.[1] ?? ''] ?? null,
  };
}

/** The parser's own stand-in, which refuses to parse. */
const noParser = fileURLToPath(import.meta.resolve('@formatjs/icu-messageformat-parser/no-parser.js'));

export default defineConfig(({ mode }) => ({
  resolve: { alias: { '@formatjs/icu-messageformat-parser': noParser } },
  plugins: [
    websocketOnly(),
    withoutServerRendering(),
    withoutBuiltInFields(),
    madeModules('translations', translations),
    madeModules('icon', icon),
    madeModules('emoji', emoji),
    ember(),
    babel({ babelHelpers: 'inline', extensions, skipPreflightCheck: true }),
  ],
  build: {
    assetsInlineLimit: 0,
    minify: 'oxc',
    chunkSizeWarningLimit: 700,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: mode === 'development' ? 'tests/index.html' : 'index.html',
      output: {
        // What changes with a new Ember only stays in the browser's cache over our releases.
        codeSplitting: { groups: [{ name: 'ember', test: /node_modules\/(ember-source|@glimmer|ember-modifier|decorator-transforms)\// }] },
      },
    },
  },
  server: { proxy: { '/api': 'http://127.0.0.1:8080', '/sockethub': { target: 'http://127.0.0.1:8080', ws: true } } },
}));
