import { describe, expect, it } from 'vitest';
import { OrderedQueue } from './queue.ts';

/** A task that tells when it began and ends when it is told to. */
function task(log: string[], name: string): { run: () => Promise<string>; end: () => void } {
  let end = (): void => undefined;
  const ended = new Promise<void>((resolve) => (end = resolve));
  return {
    run: async () => {
      log.push(name);
      await ended;
      return name;
    },
    end: () => end(),
  };
}

describe('OrderedQueue', () => {
  it('lets pipelined requests overlap and all others run alone, in order', async () => {
    const log: string[] = [];
    const queue = new OrderedQueue(10);
    const tasks = ['join', 'a', 'b', 'leave', 'c'].map((name) => task(log, name));
    const results = tasks.map(({ run }, index) => queue.run([1, 2, 4].includes(index), run));
    expect(log).toEqual(['join']);
    tasks[0]!.end();
    await results[0];
    await Promise.resolve();
    expect(log).toEqual(['join', 'a', 'b']);
    tasks[2]!.end();
    await results[2];
    expect(log).toEqual(['join', 'a', 'b']);
    for (const { end } of tasks) end();
    await expect(Promise.all(results)).resolves.toEqual(['join', 'a', 'b', 'leave', 'c']);
    expect(log).toEqual(['join', 'a', 'b', 'leave', 'c']);
  });

  it('goes on after a task that failed, and refuses more than its limit', async () => {
    const queue = new OrderedQueue(2);
    const failing = queue.run(false, () => Promise.reject(new Error('no')));
    const next = queue.run(false, () => Promise.resolve('yes'));
    await expect(queue.run(false, () => Promise.resolve())).rejects.toMatchObject({ code: 'KOSMOS_ERR_GATEWAY_BUSY' });
    await expect(failing).rejects.toThrow('no');
    await expect(next).resolves.toBe('yes');
  });
});
