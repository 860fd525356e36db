import { ownProgram } from '../own-program.ts';

export const storage = ownProgram({ name: 'storage', title: 'Storage (remoteStorage)', after: [] });
