import type { Logger } from '../../foundation/logging.ts';
import type { TcpAddress } from '../../foundation/topology.ts';

/** An ActivityStreams object, actor or target as Sockethub uses them. */
export interface ActivityObject {
  readonly type: string;
  readonly id?: string;
  readonly name?: string;
  readonly [field: string]: unknown;
}

/** One Sockethub message after the door: validated, normalised (actor, target and object are objects, the platform is known). */
export interface Activity {
  readonly type: string;
  readonly id?: string;
  readonly actor: ActivityObject;
  readonly target?: ActivityObject;
  readonly object?: ActivityObject;
  readonly published?: string;
}

/** What was heard last, by conversation in the platform's own keys: where to go on in the server's history. */
export type Progress = Readonly<Record<string, { readonly at: string; readonly id?: string }>>;

/** What a session does over its life; the client is told each step. */
export type ConnectionState = 'connecting' | 'connected' | 'disconnected' | 'failed';

/** Everything that a platform session may ask of the gateway. */
export interface SessionContext {
  /** Name of the appliance's account that owns the session. */
  readonly account: string;
  readonly actor: ActivityObject;
  /** The `object` of the credentials message, validated by the platform's schema. */
  readonly credentials: Readonly<Record<string, unknown>>;
  /** Where the session was when the gateway stopped; empty for a new one. What came since is pushed once it is connected and in its rooms. */
  readonly progress: Progress;
  /** True for the account's own team server: no password is asked, `mintToken` gives the secret. */
  readonly isTeamServer: boolean;
  /** Aborts when the session is to end for good. */
  readonly closing: AbortSignal;
  readonly logger: Logger;
  /** A secret for the team server, valid for 60 s: fetch one per attempt. Throws coded errors. */
  mintToken(): Promise<string>;
  /** The address to connect to for a host that the allow list and the SSRF guard accept. Throws KOSMOS_ERR_HOST_REFUSED. */
  resolve(host: string, port: number): Promise<TcpAddress>;
  /** Sends an activity to every socket of the session. The gateway adds `@context`, `context` and a missing `published`. */
  push(activity: Activity): void;
  /** Tells every socket of the session how the connection stands, with a readable reason on `failed` and `disconnected`. */
  report(state: ConnectionState, reason?: string): void;
}

/** One account's connection to one server through one protocol; it reconnects, rejoins and catches up by itself. */
export interface PlatformSession {
  /**
   * Does one verb; calls for one actor come one after another. Resolves with the activity to ack, or undefined to ack the request
   * itself. Rejects with a KosmosError: nothing was done then.
   */
  handle(activity: Activity): Promise<Activity | undefined>;
  /** Activities that bring a further socket up to date: connection state, and each joined room with topic and attendance. */
  snapshot(): readonly Activity[];
  /**
   * Where the same session would go on after a restart; covers only what was pushed, and what was given and not gone on from yet. Empty
   * where the server keeps no history.
   */
  progress(): Progress;
  /** Leaves politely within a second, then closes. Idempotent. */
  close(): Promise<void>;
}

/** A JSON schema (draft 7) as the gateway publishes it. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** One protocol inside the gateway. */
export interface Platform {
  readonly id: string;
  readonly version: string;
  /** Verbs that `handle` takes. */
  readonly types: readonly string[];
  readonly schemas: { readonly credentials: JsonSchema; readonly messages: JsonSchema };
  /** False where requests need no session (feeds): `credentials` and `connect` are not asked for. */
  readonly persistent: boolean;
  /** Verbs that `handle` may be called with while earlier ones of this list are not answered yet; none if absent. */
  readonly pipelined?: readonly string[];
  /** Host and port that these credentials lead to, before any connection, for the question whose server it is. */
  serverOf(credentials: Readonly<Record<string, unknown>>): { host: string; port: number };
  open(context: SessionContext): PlatformSession;
}
