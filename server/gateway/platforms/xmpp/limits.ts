/** Everything that bounds a session, in one place. Times in milliseconds. */
export const limits = {
  /** Prosody lets a client send 256 kB and a server 512 kB in one stanza. */
  stanza: { size: 1_048_576, depth: 64, elements: 25_000 },
  /** Bytes that wait for a server which does not read. */
  unsent: 2 * 1_048_576,
  /** Stanzas the server has not acknowledged. */
  unacknowledged: 1_000,
  pendingRequests: 200,
  connectTime: 20_000,
  requestTime: 15_000,
  /** How long a message may wait for the server's copy, over a resumption too. */
  copyTime: 20_000,
  /** Silence after which the server is asked whether it is there, and how long it may take to answer. */
  silence: 60_000,
  answerTime: 15_000,
  /** How long a server may wait to hear what arrived. */
  acknowledgementTime: 150,
  firstRetry: 500,
  longestRetry: 60_000,
  resumeTime: 300,
  rooms: 500,
  occupants: 10_000,
  roster: 10_000,
  /** Messages per conversation whose ids and reactions are remembered. */
  remembered: 300,
  conversations: 500,
  historyPage: 100,
  /** Messages fetched after a reconnection, per conversation; the rest is in the history. */
  missed: 500,
  listedRooms: 100,
  /** Bytes of an avatar that is set. */
  avatar: 96 * 1024,
  elementsRead: 200,
  text: 64 * 1024,
} as const;
