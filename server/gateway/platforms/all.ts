import { createIrcPlatform } from './irc/irc.ts';
import { feeds } from './feeds/platform.ts';
import type { Platform } from './platform.ts';
import { xmpp } from './xmpp/platform.ts';

export function createPlatforms(): Platform[] {
  return [createIrcPlatform(), xmpp, feeds];
}
