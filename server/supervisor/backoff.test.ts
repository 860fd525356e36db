import { beforeEach, expect, it } from 'vitest';
import { Backoff } from './backoff.ts';

let now = 0;
let random = 0;
let backoff: Backoff;
beforeEach(() => {
  now = 1_000_000;
  random = 0;
  backoff = new Backoff(
    () => now,
    () => random,
  );
});

/** A crash after a run of `lasted`, `later` after the one before. */
const crash = (later: number, lasted = 0): number | undefined => {
  now += later;
  return backoff.afterCrash(lasted);
};

it('doubles the wait', () => {
  expect([crash(0), crash(0), crash(0), crash(0)]).toEqual([250, 500, 1_000, 2_000]);
});

it('waits half a minute at most, however often it was', () => {
  const waits = Array.from({ length: 12 }, () => crash(20_000));
  expect(waits.slice(0, 8)).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000]);
  expect(new Set(waits.slice(8))).toEqual(new Set([30_000]));
});

it('adds up to a quarter, so that components do not start in step', () => {
  random = 0.999;
  expect(crash(0)).toBeCloseTo(312.4, 0);
  random = 0.5;
  expect(crash(0)).toBe(562.5);
});

it('gives up at the fifth crash within a minute', () => {
  for (let time = 0; time < 4; time++) expect(crash(14_000)).toBeDefined();
  expect(crash(14_000)).toBeUndefined();
});

it('goes on when the first of five is a minute old', () => {
  for (let time = 0; time < 4; time++) crash(15_000);
  expect(crash(15_000)).toBe(4_000);
});

it('begins again after a run of a minute', () => {
  crash(0);
  crash(0);
  expect(crash(59_999, 59_999)).toBe(1_000);
  expect(crash(60_000, 60_000)).toBe(250);
});

it('begins again when an admin starts it', () => {
  for (let time = 0; time < 5; time++) crash(0);
  backoff.reset();
  expect([crash(0), crash(0)]).toEqual([250, 500]);
});
