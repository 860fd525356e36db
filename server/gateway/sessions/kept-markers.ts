import type { Activity, ActivityObject } from '../platforms/platform.ts';

const MOST_KEPT = 1_000;

/** Up to when each conversation was read, for servers that keep no such thing: all of an account's browsers agree on what is unread. */
export class KeptMarkers {
  #markers: Map<string, string>;

  constructor(markers: Readonly<Record<string, string>> = {}) {
    this.#markers = new Map(Object.entries(markers));
  }

  /** The activity with what clients need to know that markers are kept, and where they stand. */
  dress(activity: Activity): Activity {
    const { object, target } = activity;
    const features = object?.['features'];
    if (!object || !Array.isArray(features) || features.includes('markers')) return activity;
    const published = target && this.#markers.get(keyOf(target));
    const marker = published === undefined || object.type !== 'room' ? {} : { marker: { published } };
    return { ...activity, object: { ...object, features: [...(features as string[]), 'markers'], ...marker } };
  }

  /** Never goes back. Returns the activity to acknowledge and to tell the other sockets. */
  move({ type, actor, target, object }: Activity): Activity {
    const key = target === undefined ? '' : keyOf(target);
    const asked = new Date(typeof object?.['published'] === 'string' ? object['published'] : Date.now()).toISOString();
    const before = this.#markers.get(key) ?? '';
    const published = asked > before ? asked : before;
    this.#markers.delete(key);
    this.#markers.set(key, published);
    const [oldest] = this.#markers.size > MOST_KEPT ? this.#markers.keys() : [];
    if (oldest !== undefined) this.#markers.delete(oldest);
    return { type, actor, ...(target === undefined ? {} : { target }), object: { ...object, type: 'marker', published } };
  }

  all(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.#markers);
  }
}

function keyOf({ id, name }: ActivityObject): string {
  return (id ?? name ?? '').toLowerCase();
}
