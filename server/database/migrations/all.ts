import type { Migration } from '../migration.ts';
import { foundation } from './0001-foundation.ts';
import { teams } from './0002-teams.ts';
import { gateway } from './0003-gateway.ts';
import { storage } from './0004-storage.ts';
import { archive } from './0005-archive.ts';
import { daemon } from './0006-daemon.ts';
import { gatewayAbsence } from './0007-gateway.ts';
import { reach } from './0008-reach.ts';
import { admin } from './0009-admin.ts';
import { secondFactors } from './0010-second-factors.ts';
import { gatewayProgress } from './0011-gateway.ts';
import { archiveBigrams } from './0012-archive.ts';
import { webhookCalls } from './0013-admin.ts';

/** In order. A released step never changes; what is wrong in it is mended by a later one. */
export const migrations: readonly Migration[] = [
  foundation,
  teams,
  gateway,
  storage,
  archive,
  daemon,
  gatewayAbsence,
  reach,
  admin,
  secondFactors,
  gatewayProgress,
  archiveBigrams,
  webhookCalls,
];
