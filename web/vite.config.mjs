import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { ember, extensions } from '@embroider/vite';
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
  return svg.replace(/^[\s\S]*?<svg[\s\S]*?>|<\/svg>[\s\S]*$/g, '').replace(/\s+/g, ' ').trim();
}

/** One row per emoji; the short names are the English ones that people know, whatever the language. */
function emoji(language) {
  const rows = require(`emoji-picker-element-data/${language}/cldr/data.json`);
  const shortNames = require('emoji-picker-element-data/en/github/data.json');
  const shortNameOf = new Map(shortNames.map(({ emoji: character, shortcodes }) => [character, shortcodes?.[0]]));
  return rows
    .filter(({ version }) => version <= 15)
    .map((row) => [row.emoji, row.group, row.annotation, (row.tags ?? []).join(' '), shortNameOf.get(row.emoji) ?? row.shortcodes?.[0] ?? '']);
}

export default defineConfig({
  plugins: [
    madeModules('icon', icon),
    madeModules('emoji', emoji),
    ember(),
    babel({ babelHelpers: 'inline', extensions, skipPreflightCheck: true }),
  ],
  build: {
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 700,
    modulePreload: { polyfill: false },
  },
  server: { proxy: { '/api': 'http://127.0.0.1:8080', '/sockethub': { target: 'http://127.0.0.1:8080', ws: true } } },
});
