import { describe, expect, it } from 'vitest';
import { createLogger } from './logging.ts';

function capture(level: Parameters<typeof createLogger>[1] = 'info') {
  const lines: string[] = [];
  return { logger: createLogger('gateway', level, { write: (line: string) => void lines.push(line) }), lines };
}

it('writes one JSON line per event, named after its component', () => {
  const { logger, lines } = capture();
  logger.info({ channel: 'general' }, 'joined');
  logger.debug('not at this level');
  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0]!)).toEqual({
    level: 'info',
    component: 'gateway',
    channel: 'general',
    msg: 'joined',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
  });
});

it('keeps silent where that is wished', () => {
  const { logger, lines } = capture('silent');
  logger.fatal('nobody hears');
  expect(lines).toEqual([]);
});

describe.each(['password', 'token', 'secret', 'authorization', 'cookie', 'passphrase', 'credentials'])('a field %s', (field) => {
  it.each([
    ['at the top', { [field]: 'hunter2' }],
    ['one level down', { headers: { [field]: 'hunter2' } }],
    ['two levels down', { request: { headers: { [field]: 'hunter2' } } }],
    ['in a list', { accounts: [{ [field]: 'hunter2' }] }],
    ['with more inside', { [field]: { plain: 'hunter2' } }],
  ])('never reaches the log %s', (_, fields) => {
    const { logger, lines } = capture();
    logger.info({ ...fields, name: 'ada' }, 'something');
    logger.child(fields).info('something else');
    expect(lines).toHaveLength(2);
    for (const line of lines) expect(line).not.toContain('hunter2');
    expect(lines[0]).toContain('"name":"ada"');
    expect(lines[0]).toContain('[redacted]');
  });
});

it('writes what was thrown, with its code and cause', () => {
  const { logger, lines } = capture();
  logger.error({ err: Object.assign(new Error('broken'), { code: 'ECONNRESET' }) }, 'failed');
  expect(JSON.parse(lines[0]!)).toMatchObject({ level: 'error', err: { message: 'broken', code: 'ECONNRESET' } });
});
