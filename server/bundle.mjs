/* Each program as one file: hundreds of small modules cost a process 20 MB of memory and most of its start. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { build, context } from 'esbuild';

const programs = ['control', 'gateway', 'storage', 'daemon'];
/* What looks for files beside itself stays where npm put it. */
const external = ['better-sqlite3', 'pg-native', 'armadietto', '@fastify/swagger'];
/* Packages written for CommonJS ask for it inside a module. */
const banner = "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);";

const here = import.meta.dirname;
const options = {
  ...{ bundle: true, platform: 'node', target: 'node20', format: 'esm', legalComments: 'none', logLevel: 'warning' },
  entryPoints: programs
    .map((name) => ({ in: path.join(here, name, 'main.ts'), out: `${name}/main` }))
    .filter(({ in: file }) => existsSync(file)),
  outdir: path.join(here, 'dist'),
  external,
  banner: { js: banner },
};
if (process.argv.includes('--watch')) await (await context(options)).watch();
else await build(options);
