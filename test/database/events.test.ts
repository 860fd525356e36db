import { expect, it } from 'vitest';
import { Outbox } from '../../server/database/events.ts';
import { onBothDialects } from '../support/databases.ts';
import { readThenEmit, startWriter } from '../support/writer.ts';

onBothDialects('the outbox', ({ dialect, create, settings }) => {
  it('writes events with the change, and tells after the commit only', async () => {
    const outbox = new Outbox(await create(), dialect);
    let told = 0;
    const stop = outbox.onCommit(() => told++);
    await outbox.change(async ({ queries, emit }) => {
      await queries.insertInto('settings').values({ key: 'a', value: '1' }).execute();
      await emit({ type: 'domain-changed', domain: 'example.org' });
      await emit({ type: 'team-created', team: 't' });
      expect(told).toBe(0);
    });
    expect(told).toBe(1);
    await outbox.change(async ({ queries }) => {
      await queries.updateTable('settings').set({ value: '2' }).execute();
    });
    expect(told).toBe(1);
    stop();
    const events = await outbox.findAfter(0);
    expect(events).toMatchObject([{ type: 'domain-changed', domain: 'example.org' }, { type: 'team-created' }]);
    expect(await outbox.findAfter(events[0]!.id)).toHaveLength(1);
    expect(await outbox.findLatest()).toBe(events[1]!.id);
  });

  it('forgets events of a week ago, but never the newest', async () => {
    const database = await create();
    const emit = (outbox: Outbox, team: string) => outbox.change((change) => change.emit({ type: 'team-created', team }));
    const outbox = new Outbox(database, dialect);
    for (const team of ['a', 'b']) await emit(outbox, team);
    await database
      .updateTable('events')
      .set({ at: new Date(Date.now() - 8 * 24 * 3_600_000).toISOString() })
      .execute();
    await emit(new Outbox(database, dialect), 'c');
    expect(await outbox.findAfter(0)).toMatchObject([{ team: 'c' }]);
    await database.updateTable('events').set({ at: '2020-01-01T00:00:00.000Z' }).execute();
    const latest = await outbox.findLatest();
    await new Outbox(database, dialect).change((change) => change.emit({ type: 'team-created', team: 'd' }));
    expect(await outbox.findLatest()).toBeGreaterThan(latest);
  });

  it('forgets change and events of work that throws', async () => {
    const database = await create();
    const outbox = new Outbox(database, dialect);
    const work = outbox.change(async ({ queries, emit }) => {
      await queries.insertInto('settings').values({ key: 'a', value: '1' }).execute();
      await emit({ type: 'domain-changed', domain: 'example.org' });
      throw new Error('refused');
    });
    await expect(work).rejects.toThrow('refused');
    expect(await outbox.findAfter(0)).toEqual([]);
    expect(await database.selectFrom('settings').selectAll().execute()).toEqual([]);
  });

  it('gives ids in the order of commits to writers in two processes, each of which reads before it writes', async () => {
    const outbox = new Outbox(await create(), dialect);
    const other = await startWriter(settings());
    const seen: number[] = [];
    const follow = async (): Promise<void> => {
      for (const { id } of await outbox.findAfter(seen.at(-1) ?? 0)) seen.push(id);
    };
    const theirs = other.emit(60);
    for (let round = 0; round < 20; round++) {
      const ours = ['a', 'b', 'c'].map((letter) => readThenEmit(outbox, `${letter}${round}`));
      await Promise.all([...ours, follow()]);
    }
    await theirs;
    await other.stop();
    await follow();
    expect(seen).toHaveLength(120);
    expect(seen).toEqual([...new Set(seen)].sort((one, another) => one - another));
  });
});
