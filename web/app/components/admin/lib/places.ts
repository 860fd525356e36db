import type { ComponentLike } from '@glint/template';
import type { MarkName } from '../parts/mark.gts';

/** Where in the panel one is: `team/orbit/members/bob` is the section `members` of the team orbit, and there bob. */
export interface Place {
  section: string;
  team?: string;
  item?: string;
}

export type PageComponent = ComponentLike<{ Args: { place: Place } }>;

export interface Section {
  id: string;
  icon: MarkName;
  page: PageComponent;
  /** For one of what the page lists. */
  itemPage?: PageComponent;
}

export function parsePlace(address: string): Place {
  const path = address.replace(/[?#].*$/, '').replace(/^\/admin\/?/, '') || 'overview';
  const [first = '', ...rest] = path.split('/').filter(Boolean).map(decodeURIComponent);
  const [team, section, item] = first === 'team' ? rest : [undefined, first, rest[0]];
  return { section: section ?? 'team', ...(team === undefined ? {} : { team }), ...(item === undefined ? {} : { item }) };
}

export const addressOf = (place: string): string => `/admin/${place}`;

/** Of parts that are names. */
export function placeOf(...parts: string[]): string {
  return parts.map(encodeURIComponent).join('/');
}

export const inTeam = (team: string, section: string): string => placeOf('team', team, section);
