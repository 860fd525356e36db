import { fork } from 'node:child_process';
import { once } from 'node:events';
import { appendMessages } from '../../server/archive/append.ts';
import type { NewMessage } from '../../server/archive/message.ts';
import { dialectOf, openDatabase, timestamp } from '../../server/database/database.ts';
import { Outbox } from '../../server/database/events.ts';
import type { DatabaseSettings } from './databases.ts';

type Order = { append: { channel: string; messages: NewMessage[] } } | { emit: number };

/** A change that looks before it writes, as those of the product do. */
export async function readThenEmit(outbox: Outbox, team: string): Promise<void> {
  await outbox.change(async ({ queries, emit }) => {
    await queries.selectFrom('accounts').selectAll().execute();
    await queries.insertInto('settings').values({ key: team, value: timestamp() }).execute();
    await emit({ type: 'team-created', team });
  });
}

/** A process of its own that writes to the same database: only such a one waits for SQLite's lock as the product's processes do. */
export async function startWriter(settings: DatabaseSettings) {
  const child = fork(import.meta.filename, [JSON.stringify(settings)], { execArgv: ['--import', 'tsx'] });
  await once(child, 'message');
  const ask = async (order: Order): Promise<number> => {
    child.send(order);
    const [answer] = (await once(child, 'message')) as [{ done?: number; error?: string }];
    if (answer.done === undefined) throw new Error(answer.error);
    return answer.done;
  };
  return {
    append: (channel: string, messages: NewMessage[]) => ask({ append: { channel, messages } }),
    emit: (count: number) => ask({ emit: count }),
    stop: async () => {
      const ended = once(child, 'exit');
      child.disconnect();
      await ended;
    },
  };
}

if (process.send && process.argv[1] === import.meta.filename) {
  const settings = JSON.parse(process.argv[2] as string) as DatabaseSettings;
  const database = openDatabase(settings);
  const outbox = new Outbox(database, dialectOf(settings));
  const carryOut = async (order: Order): Promise<number> => {
    if ('append' in order) return (await appendMessages(database, order.append.channel, order.append.messages)).length;
    for (let index = 0; index < order.emit; index++) await readThenEmit(outbox, `other${index}`);
    return order.emit;
  };
  process.on('message', (order: Order) => {
    carryOut(order).then(
      (done) => process.send?.({ done }),
      (error: unknown) => process.send?.({ error: String(error) }),
    );
  });
  process.on('disconnect', () => process.exit(0));
  process.send('ready');
}
