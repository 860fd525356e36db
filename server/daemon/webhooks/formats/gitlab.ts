import { equalSecrets } from '../../../foundation/crypto.ts';
import { KosmosError } from '../../../foundation/errors.ts';
import { lines, objectAt, refuse, textAt, type Body, type Format } from './format.ts';
import { commitsOf, describePush, quote, sentence } from './git.ts';

const NOTHING = /^0+$/;

/** https://docs.gitlab.com/user/project/integrations/webhook_events/ */
export const gitlab: Format = {
  name: 'gitlab',
  recognises: ({ headers }) => headers['x-gitlab-event'] !== undefined,
  deliveryId: ({ headers }) => headers['idempotency-key'] ?? headers['x-gitlab-event-uuid'],
  checkSignature: ({ headers }, secret) => {
    const token = headers['x-gitlab-token'];
    if (token !== undefined && !equalSecrets(token, secret))
      throw new KosmosError('KOSMOS_ERR_WEBHOOK_SIGNATURE', { header: 'x-gitlab-token' });
  },
  read: ({ body }) => {
    const repository = textAt(body, 'project', 'path_with_namespace');
    if (!repository) refuse('the event names no project');
    const by = textAt(body, 'user', 'username') || textAt(body, 'user_username') || textAt(body, 'user_name');
    const text = readers[textAt(body, 'object_kind')]?.(body, repository, by);
    return text === undefined ? undefined : { name: 'GitLab', text };
  },
};

const deeds: Record<string, string | undefined> = {
  open: 'opened',
  close: 'closed',
  reopen: 'reopened',
  merge: 'merged',
  approved: 'approved',
};

const readPush = (body: Body, repository: string, by: string): string => {
  const [before, after, web] = [textAt(body, 'before'), textAt(body, 'after'), textAt(body, 'project', 'web_url')];
  const [isCreated, isDeleted] = [NOTHING.test(before), NOTHING.test(after)];
  return describePush({
    ...{ repository, by, ref: textAt(body, 'ref'), commits: commitsOf(body), isCreated, isDeleted, isForced: false },
    ...{ total: Number(textAt(body, 'total_commits_count')), link: isCreated || isDeleted ? web : `${web}/-/compare/${before}...${after}` },
  });
};

const readers: Record<string, ((body: Body, repository: string, by: string) => string | undefined) | undefined> = {
  push: readPush,
  tag_push: readPush,
  merge_request: (body, repository, by) => describeItem(body, repository, by, 'merge request !'),
  issue: (body, repository, by) => describeItem(body, repository, by, 'issue #'),
  note: (body, repository, by) => {
    const on = objectAt(body, 'merge_request').iid ? (['merge request !', 'merge_request'] as const) : (['issue #', 'issue'] as const);
    const note = objectAt(body, 'object_attributes');
    const place = textAt(body, on[1], 'iid') ? `${on[0]}${textAt(body, on[1], 'iid')}` : textAt(note, 'noteable_type').toLowerCase();
    return lines(
      sentence(repository, by, `commented on ${place}`, textAt(body, on[1], 'title'), textAt(note, 'url')),
      quote(textAt(note, 'note')),
    );
  },
  release: (body, repository, by) =>
    textAt(body, 'action') === 'create'
      ? sentence(repository, by || 'somebody', `released ${textAt(body, 'tag')}`, textAt(body, 'name'), textAt(body, 'url'))
      : undefined,
  pipeline: (body, repository) => {
    const pipeline = objectAt(body, 'object_attributes');
    const status = textAt(pipeline, 'status');
    if (!['success', 'failed', 'canceled'].includes(status)) return undefined;
    const link = textAt(pipeline, 'url') || `${textAt(body, 'project', 'web_url')}/-/pipelines/${textAt(pipeline, 'id')}`;
    return `[${repository}] pipeline #${textAt(pipeline, 'id')}: ${status} on ${textAt(pipeline, 'ref')} ${link}`;
  },
};

function describeItem(body: Body, repository: string, by: string, what: string): string | undefined {
  const item = objectAt(body, 'object_attributes');
  const deed = deeds[textAt(item, 'action')];
  return deed && sentence(repository, by, `${deed} ${what}${textAt(item, 'iid')}`, textAt(item, 'title'), textAt(item, 'url'));
}
