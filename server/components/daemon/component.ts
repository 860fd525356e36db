import { ownProgram } from '../own-program.ts';

export const daemon = ownProgram({ name: 'daemon', title: 'Daemon (archive, webhooks, push)', after: ['ergo', 'prosody', 'storage'] });
