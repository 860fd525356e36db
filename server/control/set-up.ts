import { KosmosError } from '../foundation/errors.ts';
import { parseDomain } from '../foundation/settings.ts';
import { timestamp } from '../database/database.ts';
import type { Change } from '../database/events.ts';
import type { Home } from '../database/schema.ts';
import { findSetting, storeSetting } from '../database/settings.ts';
import { createAccount, createKeys, type Account } from '../identity/accounts.ts';
import { normaliseName } from '../identity/names.ts';
import { recordAct, type Doer } from '../teams/acts.ts';
import { checkChannelName, createChannel } from '../teams/channels.ts';
import { createInvite, type Invite } from '../teams/invites.ts';
import { addMember } from '../teams/members.ts';
import { createTeam, removeTeam, slugOf, type Team } from '../teams/teams.ts';
import type { Services } from './services.ts';

export interface WantedSetUp {
  readonly team: { readonly name: string; readonly home?: Home; readonly channels?: readonly string[] };
  readonly owner: { readonly name: string; readonly password: string };
  readonly domain?: string;
  readonly language?: string;
}

interface Made {
  readonly owner: Account;
  readonly team: Team;
  readonly invite: Invite & { readonly token: string };
}

const DEFAULT_CHANNELS = ['general'];
const firstInvite = { role: 'member', uses: 25, expiresInHours: 7 * 24 } as const;
const servers = { irc: { component: 'ergo', title: 'the IRC server' }, xmpp: { component: 'prosody', title: 'the XMPP server' } } as const;

/**
 * Everything, or nothing: one transaction, and then the server of the team has to take it up. If that cannot, all of it is undone, and
 * KOSMOS_ERR_SETUP_HOP says why; set-up may then be tried again.
 */
export async function setUp(services: Services, wanted: WantedSetUp, by: Omit<Doer, 'name'>): Promise<Made> {
  const { house, outbox } = services;
  const keys = await createKeys(wanted.owner.name, wanted.owner.password);
  const made = await outbox.change((change) => make(change, wanted, keys, by));
  await house.refresh();
  const { component, title } = servers[made.team.home];
  const reason = await house.findProvisioningFault(component);
  if (reason === undefined) {
    await house.untilProvisioned();
    return made;
  }
  await outbox.change((change) => undo(change, made, wanted.domain !== undefined));
  await house.refresh();
  throw new KosmosError('KOSMOS_ERR_SETUP_HOP', { component, server: title, reason: reason.replace(/\.$/, '').slice(0, 300) });
}

async function make(
  change: Change,
  wanted: WantedSetUp,
  keys: Awaited<ReturnType<typeof createKeys>>,
  by: Omit<Doer, 'name'>,
): Promise<Made> {
  const { queries } = change;
  if (await findSetting(queries, 'setUpAt')) throw new KosmosError('KOSMOS_ERR_SETUP_DONE');
  await storeSetting(queries, 'setUpAt', timestamp());
  const owner = await createAccount(change, { name: wanted.owner.name, isAdmin: true }, keys);
  const team = await createTeam(change, { name: wanted.team.name, home: wanted.team.home ?? 'xmpp' });
  await addMember(change, team, owner, 'owner');
  for (const name of wanted.team.channels ?? DEFAULT_CHANNELS) await createChannel(change, team, { name, isDefault: true });
  if (wanted.language !== undefined) await storeSetting(queries, 'language', wanted.language);
  const domain = wanted.domain === undefined ? undefined : checkDomain(wanted.domain);
  if (domain !== undefined) {
    await storeSetting(queries, 'domain', domain);
    await change.emit({ type: 'domain-changed', domain });
  }
  const invite = await createInvite(change, team, owner, firstInvite);
  await recordAct(change, { ...by, name: owner.name }, { action: 'setup.complete', team, target: owner.name, details: { domain } });
  return { owner, team, invite };
}

async function undo(change: Change, { owner, team }: Made, hasDomain: boolean): Promise<void> {
  const { queries } = change;
  await removeTeam(change, team);
  await queries.deleteFrom('accounts').where('id', '=', owner.id).execute();
  const keys = ['setUpAt', 'language', ...(hasDomain ? ['domain'] : [])];
  await queries.deleteFrom('settings').where('key', 'in', keys).execute();
  await queries.deleteFrom('acts').where('action', '=', 'setup.complete').execute();
  await change.emit({ type: 'settings-changed' });
}

/** Throws KOSMOS_ERR_DOMAIN_INVALID. */
export function checkDomain(text: string): string {
  const domain = parseDomain(text);
  if (domain === undefined) throw new KosmosError('KOSMOS_ERR_DOMAIN_INVALID', { domain: text.slice(0, 100) });
  return domain;
}

/** One step of the form: throws what set-up itself would, and gives how the names will be stored. */
export async function checkSteps(wanted: Partial<WantedSetUp>): Promise<{ slug?: string; channels?: string[]; ownerName?: string }> {
  if (wanted.domain !== undefined) checkDomain(wanted.domain);
  if (wanted.owner) await createKeys(wanted.owner.name, wanted.owner.password);
  const owner = wanted.owner ? { ownerName: normaliseName(wanted.owner.name) } : {};
  if (!wanted.team) return owner;
  const slug = slugOf(wanted.team.name);
  if (!slug) throw new KosmosError('KOSMOS_ERR_TEAM_NAME_INVALID', { name: wanted.team.name.trim() });
  const channels = (wanted.team.channels ?? DEFAULT_CHANNELS).map(checkChannelName);
  const twice = channels.find((name, index) => channels.indexOf(name) !== index);
  if (twice !== undefined) throw new KosmosError('KOSMOS_ERR_CHANNEL_EXISTS', { channel: twice });
  return { ...owner, slug, channels };
}
