import { beforeEach, describe, expect, it } from 'vitest';
import { FailureLimit } from './rate-limit.ts';

let now = 0;
let limit: FailureLimit;
beforeEach(() => {
  now = 1_000_000;
  limit = new FailureLimit({ failures: 3, window: 60_000 }, () => now);
});
const fail = (key: string, times: number): void => {
  for (let time = 0; time < times; time++) limit.countFailure(key);
};

describe('failures of one key', () => {
  it('are forgiven up to the limit, and say how long to wait from there on', () => {
    fail('ada', 2);
    expect(limit.secondsLeft('ada')).toBe(0);
    now += 10_000;
    fail('ada', 1);
    expect(limit.secondsLeft('ada')).toBe(50);
    expect(limit.secondsLeft('bob')).toBe(0);
  });

  it('are forgotten when the window ends, not a moment before, and further ones do not prolong it', () => {
    fail('ada', 10);
    now += 59_999;
    fail('ada', 1);
    expect(limit.secondsLeft('ada')).toBe(1);
    now += 1;
    expect(limit.secondsLeft('ada')).toBe(0);
    fail('ada', 2);
    expect(limit.secondsLeft('ada')).toBe(0);
  });

  it('are forgotten when they are forgiven', () => {
    fail('ada', 3);
    limit.forget('ada');
    expect(limit.secondsLeft('ada')).toBe(0);
  });
});

it('remembers 50,000 keys; one more puts out the oldest window and no other', () => {
  fail('first', 3);
  fail('second', 3);
  for (let key = 0; key < 49_998; key++) limit.countFailure(String(key));
  expect(limit.secondsLeft('first')).toBe(60);
  fail('one more', 3);
  expect([limit.secondsLeft('first'), limit.secondsLeft('second'), limit.secondsLeft('one more')]).toEqual([0, 60, 60]);
  fail('second', 1);
  expect(limit.secondsLeft('second')).toBe(60);
});
