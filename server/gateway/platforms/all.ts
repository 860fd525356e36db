import { createIrcPlatform } from './irc/irc.ts';
import type { Platform } from './platform.ts';

export function createPlatforms(): Platform[] {
  return [createIrcPlatform()];
}
