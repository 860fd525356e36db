import { Type } from '@fastify/type-provider-typebox';
import { answers, Exactly } from '../shared.ts';

const Count = Type.Integer({ minimum: 0, maximum: 1_000 });
const Keep = Exactly({ daily: Count, weekly: Count, monthly: Count });
const Repository = Type.String({
  minLength: 1,
  maxLength: 500,
  pattern: '^(/|sftp:|s3:)\\S+$',
  description: 'A folder (/srv/backup), SFTP (sftp:user@host:/folder) or S3 (s3:https://host/bucket), as restic writes it',
});
const Hour = Type.Integer({ minimum: 0, maximum: 23, description: 'Of the machine’s time' });

const PlanBody = Type.Object({ repository: Type.String(), isOn: Type.Boolean(), hour: Type.Integer(), keep: Keep });
const RunBody = Type.Object({
  startedAt: Type.String(),
  endedAt: Type.Optional(Type.String()),
  id: Type.Optional(Type.String()),
  files: Type.Optional(Type.Integer()),
  rows: Type.Optional(Type.Integer()),
  added: Type.Optional(Type.Integer({ description: 'Bytes that were new' })),
  provedAt: Type.Optional(Type.String({ description: 'When a restore of it was compared with what was backed up' })),
  failure: Type.Optional(Type.String()),
});

export const BackupsBody = Type.Object({
  plan: PlanBody,
  running: Type.Boolean(),
  lastProvedAt: Type.Optional(Type.String()),
  runs: Type.Array(RunBody),
});

export const backupsSchema = {
  summary: 'Where backups go and how the last ones went, newest first',
  response: answers(200, BackupsBody),
};

export const planSchema = {
  summary: 'Choose where backups go, when, and how many stay',
  body: Exactly({
    repository: Type.Optional(Repository),
    isOn: Type.Optional(Type.Boolean()),
    hour: Type.Optional(Hour),
    keep: Type.Optional(Keep),
  }),
  response: answers(200, BackupsBody),
};

export const runSchema = {
  summary: 'Back up now, and prove it by restoring it; answers once that is done',
  response: answers(200, RunBody),
};
