/** Every wait of an IRC session, in milliseconds. */
export interface Timings {
  /** To connect and to be registered, each. */
  readonly connect: number;
  /** Silence after which the server is asked whether it is there. */
  readonly idle: number;
  /** How long it may take to answer that. */
  readonly answer: number;
  /** For the answer to one request. */
  readonly request: number;
  readonly farewell: number;
  readonly firstRetry: number;
  readonly longestRetry: number;
}

export const defaultTimings: Timings = {
  connect: 15_000,
  idle: 60_000,
  answer: 20_000,
  request: 15_000,
  farewell: 1_000,
  firstRetry: 500,
  longestRetry: 60_000,
};
