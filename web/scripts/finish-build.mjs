// After Vite: the service worker learns which files there are, and each file gets smaller copies of itself.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const dist = path.join(import.meta.dirname, '../dist');
const compressible = /\.(?:js|css|html|svg|json|webmanifest)$/;
const smallest = 512;

// Ember's empty files for a compatibility that is not used here.
rmSync(path.join(dist, '@embroider'), { recursive: true, force: true });

const files = readdirSync(dist, { recursive: true })
  .map((name) => path.join(dist, name))
  .filter((file) => statSync(file).isFile() && !/\.(?:br|gz)$/.test(file) && path.basename(file) !== '.built');

writeServiceWorker();
for (const file of files) compress(file);

/** Emoji, the highlighter, the storage library and the admin panel are fetched when somebody first needs them: offline they may be missing. */
function writeServiceWorker() {
  const large = /_emoji_|highlight-|own-storage-|admin-/;
  const shell = files.map((file) => `/${path.relative(dist, file)}`).filter((name) => name !== '/sw.js' && !large.test(name));
  const version = createHash('sha256');
  for (const file of files) version.update(readFileSync(file));
  const target = path.join(dist, 'sw.js');
  const source = readFileSync(target, 'utf8')
    .replace("'development'", JSON.stringify(version.digest('hex').slice(0, 12)))
    .replace('FILES = []', `FILES = ${JSON.stringify(shell.sort())}`);
  writeFileSync(target, source);
}

function compress(file) {
  if (!compressible.test(file)) return;
  const content = readFileSync(file);
  if (content.length < smallest) return;
  writeFileSync(`${file}.gz`, gzipSync(content, { level: 9 }));
  writeFileSync(`${file}.br`, brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }));
}
