import { expect, it } from 'vitest';
import { checkSameOrigin, findCookie } from './same-origin.ts';

it.each([
  ['kosmos_session=abc', 'abc'],
  ['other=1; kosmos_session=a=b', 'a=b'],
  ['not_kosmos_session=x', undefined],
  ['kosmos_session=', undefined],
  [undefined, undefined],
])('finds in %j the cookie %j', (header, value) => {
  expect(findCookie(header, 'kosmos_session')).toBe(value);
});

it.each([
  [{}, true],
  [{ origin: 'https://chat.example.org' }, true],
  [{ origin: 'https://chat.example.org', 'sec-fetch-site': 'same-origin' }, true],
  [{ origin: 'https://chat.example.org:8443' }, false],
  [{ origin: 'https://evil.example' }, false],
  [{ origin: 'null' }, false],
  [{ origin: 'data:text/html,x' }, false],
  [{ 'sec-fetch-site': 'cross-site' }, false],
  [{ 'sec-fetch-site': 'same-site' }, false],
])('a request with %j is ours: %s', (headers, isOurs) => {
  const check = (): void => checkSameOrigin(headers, ['chat.example.org', undefined]);
  if (isOurs) expect(check).not.toThrow();
  else expect(check).toThrow(expect.objectContaining({ code: 'KOSMOS_ERR_CROSS_ORIGIN' }));
});
