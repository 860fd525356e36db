import type { Settings } from '../foundation/settings.ts';
import type { Component } from './component.ts';
import { daemon } from './daemon/component.ts';
import { edge } from './edge/component.ts';
import { ergo } from './ergo/component.ts';
import { gateway } from './gateway/component.ts';
import { prosody } from './prosody/component.ts';
import { storage } from './storage/component.ts';

/** In the order in which they stop. */
export function componentsOf(settings: Pick<Settings, 'edge'>): readonly Component[] {
  return [gateway, daemon, storage, prosody, ergo, ...(settings.edge ? [edge] : [])];
}
