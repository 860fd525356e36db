import type { Queries } from '../database/database.ts';
import { findSetting, type StoredSettings } from '../database/settings.ts';
import type { Credentials } from '../identity/credentials.ts';

type Limits = StoredSettings['limits'];

export const defaultLimits: Limits = { requestsPerMinute: 3_000, loginFailures: 10 };
export const DEFAULT_SESSION_DAYS = 30;

/** What an admin chose and every request needs: read once, and again when it was changed. */
export class Preferences {
  sessionDays = DEFAULT_SESSION_DAYS;
  limits = defaultLimits;
  readonly #credentials: Pick<Credentials, 'setFailureLimit'>;

  constructor(credentials: Pick<Credentials, 'setFailureLimit'>) {
    this.#credentials = credentials;
  }

  async refresh(queries: Queries): Promise<void> {
    this.sessionDays = (await findSetting(queries, 'sessionDays')) ?? DEFAULT_SESSION_DAYS;
    const limits = (await findSetting(queries, 'limits')) ?? defaultLimits;
    if (limits.loginFailures !== this.limits.loginFailures) this.#credentials.setFailureLimit(limits.loginFailures);
    this.limits = limits;
  }
}
