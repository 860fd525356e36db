import type { Browser } from 'playwright-core';
import type { Api, TestAppliance } from '../../support/appliance.ts';
import type { ChatWindow } from './window.ts';

/** One appliance with a team and two people at their browsers, for all that is tried in one home. */
export interface Scene {
  readonly home: 'irc' | 'xmpp';
  readonly chromium: Browser;
  readonly house: TestAppliance;
  /** Ada's API; she owns the team. */
  readonly owner: Api;
  readonly ada: ChatWindow;
  readonly bob: ChatWindow;
}

export type FindScene = () => Scene;
