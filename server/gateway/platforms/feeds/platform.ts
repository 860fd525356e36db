import { KosmosError } from '../../../foundation/errors.ts';
import type { Activity, ActivityObject, JsonSchema, Platform, PlatformSession, SessionContext, Progress } from '../platform.ts';
import { fetchFeed } from './fetch.ts';
import { readFeed, type FeedEntry } from './read.ts';

const DEFAULT_LIMIT = 10;
const LARGEST_LIMIT = 100;
/** At one time, by all accounts together: each may hold two megabytes. */
const MOST_FETCHES = 16;

const messages: JsonSchema = {
  type: 'object',
  required: ['type', 'actor'],
  properties: {
    type: { enum: ['fetch'] },
    actor: { type: 'object', required: ['id'], properties: { id: { type: 'string', maxLength: 2_048 } } },
    target: { type: 'object', properties: { id: { type: 'string', maxLength: 2_048 } } },
    object: {
      type: 'object',
      properties: {
        limit: { type: 'number', minimum: 1 },
        property: { enum: ['date', 'link', 'url'] },
        after: { type: ['string', 'number'] },
        before: { type: ['string', 'number'] },
      },
    },
  },
};

/** The platform with certificates of one's own, for tests. */
export function createFeeds(options: { readonly ca?: string } = {}): Platform {
  return {
    id: 'feeds',
    version: '1.0.0',
    types: ['fetch'],
    schemas: { credentials: {}, messages },
    persistent: false,
    pipelined: ['fetch'],
    serverOf: () => ({ host: '', port: 0 }),
    open: (context) => new FeedsSession(context, options.ca),
  };
}

export const feeds: Platform = createFeeds();

let running = 0;

class FeedsSession implements PlatformSession {
  readonly #context: SessionContext;
  readonly #ca: string | undefined;

  constructor(context: SessionContext, ca: string | undefined) {
    this.#context = context;
    this.#ca = ca;
  }

  /** `fetch`: the actor, or an older client's target, is the feed. */
  async handle(activity: Activity): Promise<Activity> {
    if (activity.type !== 'fetch') throw new KosmosError('KOSMOS_ERR_VERB_UNKNOWN', { platform: 'feeds', verb: activity.type });
    if (running >= MOST_FETCHES) throw new KosmosError('KOSMOS_ERR_GATEWAY_BUSY', { limit: MOST_FETCHES });
    running += 1;
    try {
      return await this.#fetch(activity);
    } finally {
      running -= 1;
    }
  }

  progress(): Progress {
    return {};
  }

  snapshot(): readonly Activity[] {
    return [];
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async #fetch(activity: Activity): Promise<Activity> {
    const feed = [activity.target?.id, activity.actor.id].find((id) => id !== undefined && /^https?:/i.test(id)) ?? activity.actor.id ?? '';
    const { resolve, closing } = this.#context;
    const guard = { resolve: (host: string, port: number) => resolve.call(this.#context, host, port), closing };
    const { text } = await fetchFeed(feed, { ...guard, ...(this.#ca === undefined ? {} : { ca: this.#ca }) });
    const { channel, entries } = readFeed(feed, text);
    const chosen = choose(entries, activity.object);
    const items = chosen.map((entry) => ({
      type: 'post',
      actor: channel,
      object: entry,
      ...(entry.published ? { published: entry.published } : {}),
    }));
    const object = {
      type: 'collection',
      summary: channel.name,
      totalItems: items.length,
      items,
      complete: chosen.length === entries.length,
    };
    return { ...activity, object };
  }
}

/** As Sockethub's parameters say: by date, or everything that stands above the article of an address. */
function choose(entries: readonly FeedEntry[], parameters: ActivityObject | undefined): readonly FeedEntry[] {
  const { limit: asked, property, after, before }: Record<string, unknown> = parameters ?? {};
  const limit = typeof asked === 'number' ? Math.min(Math.max(Math.trunc(asked), 1), LARGEST_LIMIT) : DEFAULT_LIMIT;
  if (property === 'link' || property === 'url') {
    const index = entries.findIndex(({ url, id }) => url === after || id === after);
    return entries.slice(0, index === -1 ? undefined : index).slice(0, limit);
  }
  const [from, to] = [time(after, -Infinity), time(before, Infinity)];
  return entries.filter(({ datenum }) => datenum === 0 || (datenum > from && datenum < to)).slice(0, limit);
}

function time(value: unknown, otherwise: number): number {
  const parsed = typeof value === 'string' ? Date.parse(value) : value;
  return typeof parsed === 'number' && !Number.isNaN(parsed) ? parsed : otherwise;
}
