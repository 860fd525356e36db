import { createHmac } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { findFormat, readBody } from '../reading.ts';
import { formats } from './all.ts';
import type { Delivery } from './format.ts';

interface Example {
  format: string;
  headers: Record<string, string>;
  body: unknown;
  expected: { name?: string; text: string } | null;
}

const folder = path.join(import.meta.dirname, '../../../../test/daemon/payloads');
const examples = readdirSync(folder).map((file) => [file, JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as Example] as const);

function deliver(headers: Record<string, string>, text: string, query = {}): Delivery {
  const raw = Buffer.from(text);
  return { headers, raw, body: readBody(raw, headers['content-type'], query) };
}

it.each(examples)('reads %s', (_file, { format, headers, body, expected }) => {
  const delivery = deliver(headers, JSON.stringify(body));
  const found = findFormat(delivery);
  expect(found.name).toBe(format);
  expect(found.read(delivery)).toEqual(expected ?? undefined);
});

it('has an example of every format', () => {
  expect(new Set(examples.map(([, { format }]) => format))).toEqual(new Set(formats.map(({ name }) => name)));
});

const secret = 'a-secret';
const hmac = (text: string, key = secret): string => createHmac('sha256', key).update(text).digest('hex');

it.each([
  ['github', 'x-github-event', 'x-hub-signature-256', (text: string, key?: string) => `sha256=${hmac(text, key)}`],
  ['gitea', 'x-gitea-event', 'x-gitea-signature', hmac],
  ['gitlab', 'x-gitlab-event', 'x-gitlab-token', (_text: string, key = secret) => key],
] as const)('checks the signature of %s, where there is one', (name, event, header, sign) => {
  const text = '{"zen":"ok"}';
  const format = formats.find((each) => each.name === name)!;
  const check = (signature?: string) => () =>
    format.checkSignature!(deliver({ [event]: 'ping', ...(signature ? { [header]: signature } : {}) }, text), secret);
  expect(check()).not.toThrow();
  expect(check(sign(text))).not.toThrow();
  expect(check(sign(text, 'another'))).toThrow(header);
});

it('takes forms too: Slack’s and GitHub’s payload, and UptimeRobot’s fields, in the body or in the address', () => {
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  expect(deliver(form, `payload=${encodeURIComponent('{"text":"hi"}')}`).body).toEqual({ text: 'hi' });
  const fields = { monitorFriendlyName: 'Website', alertType: '1' };
  expect(findFormat(deliver(form, new URLSearchParams(fields).toString())).name).toBe('uptimerobot');
  expect(findFormat(deliver({}, '', fields)).name).toBe('uptimerobot');
});

it.each([
  ['', 'the body is empty'],
  ['{', 'the body is no JSON'],
  ['[]', 'the body has to be a JSON object'],
  ['{"foo":1}', 'none of the fields'],
  ['{"text":""}', 'it has no text'],
  ['{"message":5}', '“message” has to be a text'],
  ['{"message":" "}', '“message” is empty'],
  ['{"monitorFriendlyName":""}', '“monitorFriendlyName” is missing'],
])('says what is wrong with %s', (text, reason) => {
  const read = () => {
    const delivery = deliver({ 'content-type': 'application/json' }, text);
    return findFormat(delivery).read(delivery);
  };
  expect(read).toThrow(reason);
});

it('survives any shape of a known event', () => {
  const values: unknown[] = [null, 5, 'x', [], [null], {}, { full_name: {} }];
  for (const [, { headers, body }] of examples) {
    for (const field of Object.keys(body as object)) {
      for (const value of values) {
        const delivery = deliver(headers, JSON.stringify({ ...(body as object), [field]: value }));
        try {
          findFormat(delivery).read(delivery);
        } catch (error) {
          expect(error).toMatchObject({ code: 'KOSMOS_ERR_WEBHOOK_CONTENT' });
        }
      }
    }
  }
});
