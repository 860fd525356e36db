import { loadSecret } from './secrets.ts';

/** A process of its own: says that it is there, and asks for the secret when it is told to. */
process.once('message', () => {
  process.send?.(loadSecret(process.argv[2] ?? '', 'internal'), () => process.disconnect());
});
process.send?.('ready');
