import type { Component } from './component.ts';
import { daemon } from './daemon/component.ts';
import { ergo } from './ergo/component.ts';
import { gateway } from './gateway/component.ts';
import { prosody } from './prosody/component.ts';
import { storage } from './storage/component.ts';

/** In the order in which they stop. */
export const components: readonly Component[] = [gateway, daemon, storage, prosody, ergo];
