import type { Logger } from '../../foundation/logging.ts';
import type { Home } from '../../database/schema.ts';
import type { Activity, ActivityObject } from '../platforms/platform.ts';
import type { TeamSide } from '../team/team-side.ts';
import type { SessionOwner } from './actor-session.ts';

export interface TeamLinkParts {
  readonly owner: SessionOwner;
  readonly team: TeamSide;
  readonly logger: Logger;
  /** Asks the session's server in the member's name. */
  ask(type: string, target: ActivityObject | undefined, object: ActivityObject): void;
}

/** Between a session on the team's own server and the appliance: what the member has read, and who wrote to it. */
export class TeamLink {
  readonly #parts: TeamLinkParts;
  /** What the server was told last, so that the appliance's echo of it is not told again. */
  #lastRead = '';
  /** Rooms whose markers are being compared. */
  readonly #settling = new Set<string>();

  constructor(parts: TeamLinkParts) {
    this.#parts = parts;
  }

  /** Something that the server told. */
  heard(activity: Activity): void {
    if (activity.type === 'read' || activity.type === 'send') this.#tell(activity);
    else if (activity.type === 'join') this.entered(activity);
  }

  /** A channel: the server's marker and the appliance's may have moved apart while no session was there. */
  entered(state: Activity): void {
    const { target, object } = state;
    const name = target?.name ?? '';
    if (object?.type !== 'room' || this.#settling.has(name)) return;
    this.#settling.add(name);
    const { team, owner, logger, ask } = this.#parts;
    team
      .settleMarker(owner.account, owner.platform.id as Home, state)
      .then((marker) => marker && ask('read', target, marker))
      .catch((error: unknown) => logger.error({ err: error }, 'a read marker could not be settled'))
      .finally(() => this.#settling.delete(name));
  }

  /** One of the account's sockets read something. */
  hasRead(target: ActivityObject, marker: ActivityObject): void {
    this.#lastRead = markOf(target, marker);
    this.#tell({ type: 'read', actor: this.#parts.owner.actor, target, object: marker });
  }

  /** The member read a channel elsewhere: the server and the sockets are told. */
  markRead(target: ActivityObject, marker: ActivityObject): void {
    if (this.#lastRead !== markOf(target, marker)) this.#parts.ask('read', target, marker);
  }

  #tell(activity: Activity): void {
    const { team, owner } = this.#parts;
    team.heard(owner.account, owner.platform.id as Home, owner.actor.id ?? '', activity);
  }
}

function markOf({ name, id }: ActivityObject, marker: ActivityObject): string {
  return `${name ?? id} ${marker.id ?? String(marker['published'])}`;
}
