/** The three URLs of an envelope; the last one says which platform it is for. */
export const AS_CONTEXT = 'https://www.w3.org/ns/activitystreams';
export const SOCKETHUB_CONTEXT = 'https://sockethub.org/ns/context/v1.jsonld';

export function platformContext(platform: string): string {
  return `https://sockethub.org/ns/context/platform/${platform}/v1.jsonld`;
}

const shared = new Map<string, readonly string[]>();

export function contextsOf(platform: string): readonly string[] {
  const known = shared.get(platform);
  if (known) return known;
  const contexts = [AS_CONTEXT, SOCKETHUB_CONTEXT, platformContext(platform)];
  shared.set(platform, contexts);
  return contexts;
}

/** The platform that exactly these three URLs name, in any order. */
export function platformOfContexts(contexts: readonly unknown[]): string | undefined {
  if (contexts.length !== 3 || !contexts.includes(AS_CONTEXT) || !contexts.includes(SOCKETHUB_CONTEXT)) return undefined;
  const third = contexts.find((context) => context !== AS_CONTEXT && context !== SOCKETHUB_CONTEXT);
  if (typeof third !== 'string') return undefined;
  return /^https:\/\/sockethub\.org\/ns\/context\/platform\/([a-z0-9-]{1,32})\/v1\.jsonld$/.exec(third)?.[1];
}
