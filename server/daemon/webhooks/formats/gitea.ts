import { checkHmac, type Format } from './format.ts';
import { readEvent } from './github.ts';

/** https://docs.gitea.com/usage/repository/webhooks; Forgejo sends the same, under both names. */
export const gitea: Format = {
  name: 'gitea',
  recognises: ({ headers }) => headers['x-gitea-event'] !== undefined || headers['x-forgejo-event'] !== undefined,
  deliveryId: ({ headers }) => headers['x-gitea-delivery'] ?? headers['x-forgejo-delivery'],
  checkSignature: (delivery, secret) => checkHmac(delivery, secret, 'x-gitea-signature'),
  read: (delivery) => {
    const { headers } = delivery;
    const event = headers['x-forgejo-event'] ?? headers['x-gitea-event'] ?? '';
    const names: Record<string, string> = { pull_request_approved: 'pull_request_review', pull_request_rejected: 'pull_request_review' };
    return readEvent(delivery, names[event] ?? event, headers['x-forgejo-event'] === undefined ? 'Gitea' : 'Forgejo');
  },
};
