import type { Platform } from '../platform.ts';
import { accountOf } from './credentials.ts';
import { credentialsSchema, messagesSchema } from './schemas.ts';
import { XmppSession } from './session.ts';
import type { DialOptions } from './stream/dial.ts';
import { CLIENT_PORT } from './stream/endpoints.ts';
import { verbNames } from './verbs/all.ts';

/** The platform with certificates or a DNS of one's own, for tests. */
export function createXmpp(options: DialOptions = {}): Platform {
  return {
    id: 'xmpp',
    version: '1.0.0',
    types: verbNames,
    schemas: { credentials: credentialsSchema, messages: messagesSchema },
    persistent: true,
    pipelined: ['send', 'announce'],
    serverOf: (credentials) => {
      const { server, domain, port } = accountOf(credentials);
      return { host: server ?? domain, port: port ?? CLIENT_PORT };
    },
    open: (context) => new XmppSession(context, accountOf(context.credentials), options),
  };
}

export const xmpp: Platform = createXmpp();
