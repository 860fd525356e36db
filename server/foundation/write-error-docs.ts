import { writeFileSync } from 'node:fs';
import { catalogue } from './error-catalogue.ts';

const rows = Object.entries(catalogue).map(([code, entry]) => `| \`${code}\` | ${entry.status} | ${entry.message} |`);

/** docs/develop/errors.md, made from the catalogue. */
export const errorDocs = [
  '# Errors',
  '',
  'Every error that a person or a client can meet. Made from `server/foundation/error-catalogue.ts` by `npm run docs:errors`; do not edit.',
  '',
  '| code | status | message |',
  '| --- | --- | --- |',
  ...rows,
  '',
].join('\n');

if (process.argv[1] === import.meta.filename) {
  writeFileSync(new URL('../../../docs/develop/errors.md', import.meta.url), errorDocs);
}
