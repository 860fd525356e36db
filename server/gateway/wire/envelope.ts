import { KosmosError } from '../../foundation/errors.ts';
import type { Activity, ActivityObject } from '../platforms/platform.ts';
import { contextsOf, platformOfContexts } from './contexts.ts';

export interface Envelope {
  readonly platform: string;
  /** Sockethub before `@context`: the platform's name as `context`, and looser about what else stands there. */
  readonly isOldDialect: boolean;
  readonly activity: Activity;
}

type Fields = Readonly<Record<string, unknown>>;
/** Objects that the client defined by `activity-object`, by id. */
export type KnownObjects = ReadonlyMap<string, ActivityObject>;

const topLevel = new Set(['@context', 'context', 'id', 'type', 'actor', 'target', 'object', 'published']);

function refuse(reason: string): never {
  throw new KosmosError('KOSMOS_ERR_VALIDATION', { reason });
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Takes an envelope of either dialect apart. Throws KOSMOS_ERR_VALIDATION. */
export function readEnvelope(input: unknown, known: KnownObjects): Envelope {
  if (!isFields(input)) return refuse('it is not an object');
  const isOldDialect = input['@context'] === undefined;
  const platform = platformOf(input);
  if (!isOldDialect) {
    const odd = Object.keys(input).find((field) => !topLevel.has(field));
    if (odd !== undefined) return refuse(`“${odd.slice(0, 40)}” has no place beside type, actor, target and object`);
  }
  const { type, id, published } = input;
  if (typeof type !== 'string' || type === '') return refuse('type is missing');
  const actor = objectOf(input['actor'], 'actor', known, 'person');
  if (!actor) return refuse('actor is missing');
  const target = objectOf(input['target'], 'target', known);
  const object = contentOf(input['object']);
  const activity = { type, actor, ...optional({ id, published }), ...(target ? { target } : {}), ...(object ? { object } : {}) };
  return { platform, isOldDialect, activity };
}

function platformOf(input: Fields): string {
  const contexts = input['@context'];
  const name = Array.isArray(contexts) ? platformOfContexts(contexts) : contexts === undefined ? input['context'] : undefined;
  if (typeof name === 'string' && /^[a-z0-9-]{1,32}$/.test(name)) return name;
  return refuse('@context must hold the three URLs of ActivityStreams, Sockethub and a platform, or context a platform’s name');
}

function optional({ id, published }: { id: unknown; published: unknown }): { id?: string; published?: string } {
  if (id !== undefined && (typeof id !== 'string' || id.length > 1_024)) return refuse('id is not a short text');
  if (published !== undefined && (typeof published !== 'string' || Number.isNaN(Date.parse(published)))) {
    return refuse('published is not a time');
  }
  return { ...(id === undefined ? {} : { id }), ...(published === undefined ? {} : { published }) };
}

/** An actor or target; a string is an id, of an object that was defined before or of a new one. */
function objectOf(value: unknown, field: string, known: KnownObjects, type?: string): ActivityObject | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value === 'string') return known.get(value) ?? { type: type ?? guessType(value), id: value };
  if (!isFields(value)) return refuse(`${field} is neither an object nor an id`);
  const { id, name } = value;
  if (id !== undefined && typeof id !== 'string') return refuse(`${field}.id is not a text`);
  if (name !== undefined && typeof name !== 'string') return refuse(`${field}.name is not a text`);
  if (id === undefined && name === undefined) return Object.keys(value).length === 0 ? undefined : refuse(`${field}.id is missing`);
  const given = typeof value['type'] === 'string' ? value['type'] : undefined;
  // What the client defined before may tell more (its name); what it says now counts.
  return { ...known.get(id ?? ''), ...value, type: given ?? type ?? guessType(name ?? id ?? '') };
}

function guessType(name: string): string {
  return /(^|\/)[#&]/.test(name) ? 'room' : 'person';
}

/** Clients of the old dialect send `object: {}` where there is none. */
function contentOf(value: unknown): ActivityObject | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isFields(value)) return refuse('object is not an object');
  if (Object.keys(value).length === 0) return undefined;
  return typeof value['type'] === 'string' ? (value as ActivityObject) : refuse('object.type is missing');
}

/** An activity as it goes to clients: readable in both dialects. */
export function writeEnvelope(platform: string, activity: Activity, id = activity.id): object {
  return {
    '@context': contextsOf(platform),
    context: platform,
    ...activity,
    ...(id === undefined ? {} : { id }),
    published: activity.published ?? new Date().toISOString(),
  };
}
