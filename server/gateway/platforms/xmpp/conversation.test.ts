import { describe, expect, it } from 'vitest';
import { Conversation } from './conversation.ts';
import { limits } from './limits.ts';

const message = (archiveId: string | undefined, messageId: string) => ({ archiveId, messageId, sender: 'bob', excerpt: '' });

describe('what is remembered of a conversation', () => {
  it('is found by the archive’s id and by the sender’s', () => {
    const talk = new Conversation('bob@example.org', false);
    talk.remember(message(undefined, 'm1'));
    const named = talk.remember(message('a1', 'm1'));
    expect([talk.find('a1'), talk.find('m1')]).toEqual([named, named]);
  });

  it('no longer by an id that was only thought to be the sender’s', () => {
    const talk = new Conversation('bob@example.org', false);
    talk.recall('a1');
    for (const id of ['m1', 'm2']) talk.remember(message('a1', id));
    expect(talk.find('m1')).toBeUndefined();
    expect(talk.find('m2')?.archiveId).toBe('a1');
  });

  it('is the latest, with all that leads to it', () => {
    const talk = new Conversation('bob@example.org', false);
    for (let number = 0; number <= limits.remembered; number += 1) talk.remember(message(`a${number}`, `m${number}`));
    expect([talk.find('a0'), talk.find('m0')]).toEqual([undefined, undefined]);
    expect(talk.find('m1')?.archiveId).toBe('a1');
  });
});
