import { checkHmac, lines, objectAt, refuse, textAt, type Body, type Delivery, type Format, type Words } from './format.ts';
import { commitsOf, describePush, quote, sentence } from './git.ts';

/** https://docs.github.com/en/webhooks/webhook-events-and-payloads */
export const github: Format = {
  name: 'github',
  recognises: ({ headers }) => headers['x-github-event'] !== undefined && headers['x-gitea-event'] === undefined,
  deliveryId: ({ headers }) => headers['x-github-delivery'],
  checkSignature: (delivery, secret) => checkHmac(delivery, secret, 'x-hub-signature-256', 'sha256='),
  read: (delivery) => readEvent(delivery, delivery.headers['x-github-event'] ?? '', 'GitHub'),
};

type Reader = (body: Body, repository: string, by: string) => string | undefined;

/** Gitea and Forgejo send the same events in the same shape. */
export function readEvent({ body }: Delivery, event: string, name: string): Words | undefined {
  const repository = textAt(body, 'repository', 'full_name');
  const by = textAt(body, 'sender', 'login') || textAt(body, 'pusher', 'name');
  if (event === 'ping') return { name, text: `${by || name} connected ${repository || textAt(body, 'organization', 'login')}` };
  if (!repository) refuse(`the ${event} event names no repository`);
  const text = readers[event]?.(body, repository, by);
  return text === undefined ? undefined : { name, text };
}

const reported = new Set(['opened', 'closed', 'reopened', 'ready_for_review', 'transferred', 'assigned']);

const readers: Record<string, Reader | undefined> = {
  push: (body, repository, by) =>
    describePush({
      ...{ repository, by, ref: textAt(body, 'ref'), commits: commitsOf(body) },
      ...{ isCreated: body.created === true, isDeleted: body.deleted === true, isForced: body.forced === true },
      ...{
        total: Number(textAt(body, 'total_commits')) || commitsOf(body).length,
        link: textAt(body, 'compare') || textAt(body, 'compare_url'),
      },
    }),
  pull_request: (body, repository, by) => {
    const request = objectAt(body, 'pull_request');
    const action = textAt(body, 'action');
    if (!reported.has(action)) return undefined;
    const deed = action === 'closed' && request.merged === true ? 'merged' : action.replaceAll('_', ' ');
    return sentence(
      repository,
      by,
      `${deed} pull request #${textAt(request, 'number')}`,
      textAt(request, 'title'),
      textAt(request, 'html_url'),
    );
  },
  issues: (body, repository, by) => {
    const action = textAt(body, 'action');
    if (!reported.has(action)) return undefined;
    const issue = objectAt(body, 'issue');
    return sentence(repository, by, `${action} issue #${textAt(issue, 'number')}`, textAt(issue, 'title'), textAt(issue, 'html_url'));
  },
  issue_comment: (body, repository, by) => {
    if (textAt(body, 'action') !== 'created') return undefined;
    const issue = objectAt(body, 'issue');
    const kind = 'pull_request' in issue || body.is_pull === true ? 'pull request' : 'issue';
    const link = textAt(body, 'comment', 'html_url');
    const said = sentence(repository, by, `commented on ${kind} #${textAt(issue, 'number')}`, textAt(issue, 'title'), link);
    return lines(said, quote(textAt(body, 'comment', 'body')));
  },
  pull_request_review: (body, repository, by) => {
    if (textAt(body, 'action') !== 'submitted') return undefined;
    const verdicts: Record<string, string> = { approved: 'approved', changes_requested: 'asked for changes to', commented: 'reviewed' };
    const state = textAt(body, 'review', 'state').toLowerCase();
    const request = objectAt(body, 'pull_request');
    const deed = `${verdicts[state] ?? 'reviewed'} pull request #${textAt(request, 'number')}`;
    return lines(
      sentence(repository, by, deed, textAt(request, 'title'), textAt(body, 'review', 'html_url')),
      quote(textAt(body, 'review', 'body')),
    );
  },
  release: (body, repository, by) => {
    if (textAt(body, 'action') !== 'published') return undefined;
    const release = objectAt(body, 'release');
    const title = textAt(release, 'name') || textAt(release, 'tag_name');
    return sentence(repository, by, `released ${textAt(release, 'tag_name')}`, title, textAt(release, 'html_url'));
  },
  workflow_run: (body, repository) => {
    const run = objectAt(body, 'workflow_run');
    if (textAt(body, 'action') !== 'completed') return undefined;
    const outcome = textAt(run, 'conclusion').replaceAll('_', ' ');
    const where = textAt(run, 'head_branch');
    return `[${repository}] ${textAt(run, 'name')}: ${outcome}${where && ` on ${where}`} ${textAt(run, 'html_url')}`;
  },
};
readers.pull_request_review_comment = (body, repository, by) => {
  if (textAt(body, 'action') !== 'created') return undefined;
  const request = objectAt(body, 'pull_request');
  const deed = `commented on ${textAt(body, 'comment', 'path')} in pull request #${textAt(request, 'number')}`;
  return lines(
    sentence(repository, by, deed, textAt(request, 'title'), textAt(body, 'comment', 'html_url')),
    quote(textAt(body, 'comment', 'body')),
  );
};
