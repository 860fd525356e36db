import type { Static } from '@fastify/type-provider-typebox';
import type { ComponentName } from '../components/component.ts';
import type { Keeper } from '../supervisor/keeper.ts';
import type { ComponentBody } from './routes/components/schema.ts';
import { VERSION, type Services } from './services.ts';

type View = Static<typeof ComponentBody>;

/** What it means for people who are connected. */
const effects: Readonly<Record<ComponentName, { restart: string; stop: string }>> = {
  ergo: {
    restart:
      'Everybody on IRC is disconnected for a few seconds, in the web client too; clients come back by themselves. No message of the archive is lost.',
    stop: 'Nobody can use channels whose home is IRC, in the web client or any other, until it is started again.',
  },
  prosody: {
    restart:
      'Everybody on XMPP is disconnected for a few seconds, in the web client too; clients come back by themselves. No message is lost.',
    stop: 'Nobody can use channels whose home is XMPP, or send files, until it is started again.',
  },
  gateway: {
    restart: 'Everybody in the web client is disconnected for a few seconds and comes back by itself. IRC and XMPP clients notice nothing.',
    stop: 'Nobody can chat in the web client until it is started again. IRC and XMPP clients notice nothing.',
  },
  storage: {
    restart: 'Apps cannot reach people’s storage for a few seconds. Chat goes on.',
    stop: 'Apps, and the web client’s own settings, cannot be read or stored until it is started again. Chat goes on.',
  },
  daemon: {
    restart: 'Webhooks and push wait for a few seconds; what is said meanwhile is read afterwards. Chat goes on.',
    stop: 'Nothing new reaches the archive and its search, and no webhook or push works, until it is started again. Chat goes on.',
  },
  edge: {
    restart: 'The web client is away for a few seconds and comes back by itself, this page too. IRC and XMPP clients notice nothing.',
    stop: 'Nobody reaches the web client, this page neither: only whoever is at the machine can start it again.',
  },
};

export function presentComponent({ versions, externals }: Services, supervised: Keeper): View {
  const { name, title } = supervised.component;
  const external = externals.current(name);
  return {
    ...{ name, title, ...supervised.status(), version: versions.of(name) ?? null },
    ...{ external: external ? `${external.host}:${external.port}` : null, canBeExternal: externals.supports(name) },
    effects: effects[name],
  };
}

/** Control itself, as one more component. */
export function presentControl({ startedAt, sampler }: Services): View {
  const sample = sampler.points.at(-1)?.components.control;
  return {
    ...{ name: 'control', title: 'Control plane', state: 'ready', since: startedAt, restarts: 0, pid: process.pid, version: VERSION },
    ...(sample ? { memory: sample.memory, cpu: sample.cpu } : {}),
    ...{ external: null, canBeExternal: false, effects: { restart: '', stop: '' } },
  };
}
