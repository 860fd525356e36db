import type { Migration } from '../migration.ts';
import { foundation } from './0001-foundation.ts';
import { teams } from './0002-teams.ts';
import { storage } from './0004-storage.ts';

/** In order. A released step never changes; what is wrong in it is mended by a later one. */
export const migrations: readonly Migration[] = [foundation, teams, storage];
