import Type from 'typebox';
import { equalSecrets } from '../foundation/crypto.ts';
import { KosmosError } from '../foundation/errors.ts';
import type { Database } from '../database/database.ts';
import { getAccount, type Account } from '../identity/accounts.ts';
import { getBody } from './caller.ts';
import type { DaemonHttp } from './http.ts';
import type { Attention } from './push/attention.ts';
import type { OutgoingWebhooks } from './webhooks/outgoing.ts';

const Text = (maxLength: number) => Type.String({ minLength: 1, maxLength });
const conversation = { account: Text(100), conversation: Text(3_100) };
const directMessage = Type.Object({
  ...{ ...conversation, from: Text(3_100), id: Text(1_024), text: Type.String({ maxLength: 65_536 }) },
  team: Type.Optional(Text(100)),
  at: Type.String({ pattern: '^\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z$' }),
});
const directRead = Type.Object(conversation);

export interface InternalParts {
  readonly database: Database;
  readonly secret: string;
  readonly attention: () => Pick<Attention, 'takeDirect' | 'readDirect'>;
  readonly outgoing: () => Pick<OutgoingWebhooks, 'test' | 'repeat'>;
}

/** What control and the gateway ask of the daemon: docs/develop/internal-api.md. Guarded by the internal secret whatever the way in. */
export function internalRoutes(app: DaemonHttp, { database, secret, attention, outgoing }: InternalParts): void {
  app.addHook('onRequest', async (request) => {
    const isInternal = request.routeOptions.url?.startsWith('/internal/') === true;
    if (isInternal && !equalSecrets(request.headers.authorization ?? '', `Bearer ${secret}`)) {
      throw new KosmosError('KOSMOS_ERR_INTERNAL_ONLY');
    }
  });

  app.post('/internal/direct-messages', async (request, reply) => {
    const { account, ...message } = getBody(request, directMessage);
    const { id: accountId } = await getEnabled(database, account);
    // Not awaited: a push service that takes its time must not hold up the gateway.
    void attention().takeDirect({ ...message, accountId });
    return reply.code(202).send({ ok: true });
  });

  app.post('/internal/direct-messages/read', async (request) => {
    const { account, conversation } = getBody(request, directRead);
    const { id } = await getEnabled(database, account);
    return { withdrawn: await attention().readDirect(id, conversation) };
  });

  app.post<{ Params: { id: string } }>('/internal/outgoing-webhooks/:id/test', (request) => outgoing().test(request.params.id));

  app.post<{ Params: { id: string; call: string } }>('/internal/outgoing-webhooks/:id/calls/:call/repeat', ({ params }) =>
    outgoing().repeat(params.id, params.call),
  );
}

async function getEnabled(database: Database, name: string): Promise<Account> {
  const account = await getAccount(database, name);
  if (account.disabledAt) throw new KosmosError('KOSMOS_ERR_ACCOUNT_DISABLED');
  return account;
}
