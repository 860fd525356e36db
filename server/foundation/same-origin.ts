import { KosmosError } from './errors.ts';

/** The cookie that a browser's session is known by. */
export const SESSION_COOKIE = 'kosmos_session';

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/** The value of a cookie in the header `Cookie`, as it stands there (RFC 6265, 4.2.1); undefined if it is absent or empty. */
export function findCookie(header: string | undefined, name: string): string | undefined {
  for (const pair of (header ?? '').split(';')) {
    const [key, ...value] = pair.trim().split('=');
    if (key === name) return value.join('=') || undefined;
  }
  return undefined;
}

/**
 * A browser sends its cookie by itself, so the page that asks has to be ours: what `Origin` names is one of `hosts`, and
 * `Sec-Fetch-Site`, where it is sent, names no other site. Throws KOSMOS_ERR_CROSS_ORIGIN.
 */
export function checkSameOrigin(headers: Headers, hosts: readonly (string | undefined)[]): void {
  const [origin, site] = [headers['origin']?.toString(), headers['sec-fetch-site']?.toString()];
  const isOwnOrigin = origin === undefined || (URL.canParse(origin) && hosts.includes(new URL(origin).host || '-'));
  const isOwnSite = site === undefined || site === 'same-origin' || site === 'none';
  if (!isOwnOrigin || !isOwnSite) throw new KosmosError('KOSMOS_ERR_CROSS_ORIGIN', { origin: (origin ?? site ?? 'unknown').slice(0, 100) });
}
