import { expect, it } from 'vitest';
import { isQuiet, isTimeZone } from './quiet.ts';

it.each([
  ['22:00', '07:00', 'UTC', '2026-01-01T23:30:00Z', true],
  ['22:00', '07:00', 'UTC', '2026-01-01T06:59:00Z', true],
  ['22:00', '07:00', 'UTC', '2026-01-01T07:00:00Z', false],
  ['22:00', '07:00', 'Europe/Berlin', '2026-01-01T21:30:00Z', true],
  ['12:00', '13:00', 'UTC', '2026-01-01T12:30:00Z', true],
  ['12:00', '13:00', 'UTC', '2026-01-01T13:00:00Z', false],
  ['00:00', '00:00', 'UTC', '2026-01-01T13:00:00Z', false],
])('from %s to %s in %s at %s: %s', (from, until, timeZone, now, quiet) => {
  expect(isQuiet({ from, until, timeZone }, new Date(now))).toBe(quiet);
});

it('knows time zones', () => {
  expect([isTimeZone('Europe/Berlin'), isTimeZone('Mars/Olympus')]).toEqual([true, false]);
});
