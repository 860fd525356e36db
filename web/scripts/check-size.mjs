// What a browser loads before the chat is usable, against the limits. Fails above them.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

const limits = { javascript: 180_000, css: 20_000 };
const dist = path.join(import.meta.dirname, '../dist');
const page = readFileSync(path.join(dist, 'index.html'), 'utf8');
const assets = readdirSync(path.join(dist, 'assets'));

const named = (ending) => [...page.matchAll(/(?:src|href)="\/([^"]+)"/g)].map(([, name]) => name).filter((name) => name.endsWith(ending));
const words = assets
  .filter((name) => /^_translations_(en|de)-[\w-]{8}\.js$/.test(name) && !/-(?:pages|admin)-/.test(name))
  .map((name) => `assets/${name}`);
const gzipped = (name) => gzipSync(readFileSync(path.join(dist, name)), { level: 9 }).length;
const sum = (names) => names.reduce((total, name) => total + gzipped(name), 0);

// One language is loaded: the larger one counts.
const sizes = { javascript: sum(named('.js')) + Math.max(...words.map(gzipped)), css: sum(named('.css')) };
let isTooLarge = words.length !== 2;
for (const [kind, size] of Object.entries(sizes)) {
  const isOver = size > limits[kind];
  isTooLarge ||= isOver;
  console.log(
    `${kind.padEnd(10)} ${(size / 1000).toFixed(1).padStart(6)} kB gzip of ${limits[kind] / 1000} kB${isOver ? '  TOO LARGE' : ''}`,
  );
}
if (/<style|style="|<script>|<script type="module">/.test(page)) {
  console.log('index.html has a script or style of its own, which the content security policy forbids');
  isTooLarge = true;
}
process.exit(isTooLarge ? 1 : 0);
