/** What one account may ask of the gateway. */
export interface Limits {
  /** Requests of one socket: steadily, and at once. */
  readonly perSecond: number;
  readonly burst: number;
  /** Bytes of one request as JSON. */
  readonly messageBytes: number;
  readonly socketsPerAccount: number;
  /** Sessions of one account, on team servers and others together. */
  readonly sessionsPerAccount: number;
  /** Requests of one session that wait for their turn. */
  readonly waitingPerSession: number;
  /** For one request, whatever it waits for, in milliseconds. */
  readonly requestTime: number;
  /** How long a session to the team server outlives its last socket, in milliseconds. */
  readonly grace: number;
  /** Packets that a browser has not read yet; one that reads slower is parted from, and catches up when it comes back. */
  readonly unreadPerSocket: number;
  readonly guests: GuestLimits;
}

/** What somebody without an account may ask. */
export interface GuestLimits {
  readonly perSecond: number;
  readonly burst: number;
  readonly socketsPerAddress: number;
  /** All guests together. */
  readonly sockets: number;
  readonly sessions: number;
  /** After that the socket is closed, in milliseconds. */
  readonly lifetime: number;
}

export const defaultLimits: Limits = {
  perSecond: 50,
  burst: 200,
  messageBytes: 65_536,
  socketsPerAccount: 20,
  sessionsPerAccount: 20,
  waitingPerSession: 500,
  requestTime: 60_000,
  grace: 60_000,
  unreadPerSocket: 5_000,
  guests: { perSecond: 5, burst: 30, socketsPerAddress: 3, sockets: 200, sessions: 2, lifetime: 2 * 3_600_000 },
};
