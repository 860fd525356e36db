import { ownProgram } from '../own-program.ts';

export const gateway = ownProgram({ name: 'gateway', title: 'Gateway (Sockethub)', after: ['ergo', 'prosody'] });
