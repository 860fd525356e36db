import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { requestComponent } from '../foundation/http-client.ts';
import { findSetting } from '../database/settings.ts';
import type { Team } from '../teams/teams.ts';
import type { DiskUse } from './disk.ts';
import type { Services } from './services.ts';

/** Something that whoever runs the place should look at. */
export interface Finding {
  readonly code: string;
  readonly severity: 'error' | 'warning' | 'notice';
  /** The component, account or domain that it is about. */
  readonly subject: string | null;
  readonly message: string;
}

const DAY = 24 * 3_600_000;
const MANY_RESTARTS = 3;
const FEW_DAYS = 14;
const protocols = { irc: 'IRC', xmpp: 'XMPP' } as const;

/** What needs attention in the appliance, the worst first. */
export async function findAttention(services: Services, disk: DiskUse): Promise<Finding[]> {
  const found = [
    ...componentFindings(services),
    ...diskFindings(disk),
    ...certificateFindings(services),
    ...(await botFindings(services)),
    ...(await peopleFindings(services)),
    ...(await settingFindings(services)),
  ];
  const rank = { error: 0, warning: 1, notice: 2 };
  return found.sort((one, other) => rank[one.severity] - rank[other.severity]);
}

function componentFindings({ supervisor, house }: Services): Finding[] {
  const states = supervisor.components.flatMap((supervised): Finding[] => {
    const { name: subject, title } = supervised.component;
    const { state, reason, restarts } = supervised.status();
    const why = reason ? `: ${reason}` : '';
    if (state === 'failed') {
      return [{ code: 'component-failing', severity: 'error', subject, message: `The ${title} does not start${why}. Its log tells more.` }];
    }
    if (state === 'stopped')
      return [{ code: 'component-down', severity: 'error', subject, message: `The ${title} was stopped. Start it again.` }];
    if (state !== 'ready')
      return [{ code: 'component-down', severity: 'warning', subject, message: `The ${title} is not ready (${state})${why}.` }];
    if (restarts < MANY_RESTARTS) return [];
    const message = `The ${title} was started again ${restarts} times since the appliance runs. Its log may tell why.`;
    return [{ code: 'component-restarts', severity: 'warning', subject, message }];
  });
  const late = house.lateComponents().map((subject): Finding => {
    const message = `Channels and members are not all carried over to ${subject} yet. It is tried again by itself.`;
    return { code: 'provisioning-late', severity: 'warning', subject, message };
  });
  return [...states, ...late];
}

function diskFindings({ total, free, path: subject }: DiskUse): Finding[] {
  const share = total > 0 ? free / total : 1;
  const left = `${Math.round(share * 100)} % (${Math.round(free / 1024 ** 2)} MB)`;
  if (share < 0.03)
    return [{ code: 'disk-full', severity: 'error', subject, message: `The disk is full: ${left} are left. Make room now.` }];
  if (share < 0.1)
    return [{ code: 'disk-nearly-full', severity: 'warning', subject, message: `The disk is nearly full: ${left} are left.` }];
  return [];
}

function certificateFindings({ house }: Services): Finding[] {
  const { certificateFile } = house.certificate;
  if (house.domain === 'localhost' || !existsSync(certificateFile)) return [];
  const certificate = new X509Certificate(readFileSync(certificateFile));
  const days = Math.floor((Date.parse(certificate.validTo) - Date.now()) / DAY);
  const subject = house.domain;
  if (days < 0) return [{ code: 'certificate-expired', severity: 'error', subject, message: `The certificate of ${subject} has expired.` }];
  if (days < FEW_DAYS) {
    return [
      { code: 'certificate-expires', severity: 'warning', subject, message: `The certificate of ${subject} expires in ${days} days.` },
    ];
  }
  if (certificate.issuer !== certificate.subject) return [];
  const message = `The certificate of ${subject} is signed by the appliance itself: IRC and XMPP clients ask whether to trust it.`;
  return [{ code: 'certificate-self-signed', severity: 'notice', subject, message }];
}

/** Without the bot in the channels nothing goes into the archive. The daemon knows whether it is connected. */
async function botFindings({ supervisor, topology }: Services): Promise<Finding[]> {
  const daemon = supervisor.components.find(({ component }) => component.name === 'daemon');
  if (daemon?.state !== 'ready') return [];
  try {
    const answer = await requestComponent('daemon', topology.daemon, { path: '/health', timeout: 2_000 });
    const { homes } = JSON.parse(answer.body) as { homes: Partial<Record<string, boolean>> };
    const away = Object.entries(protocols).filter(([home]) => homes[home] === false);
    return away.map(([, protocol]) => {
      const message = `The bot is not in the ${protocol} channels: what is said there does not reach the archive until it is back.`;
      return { code: 'bot-not-in-channel', severity: 'warning', subject: protocol.toLowerCase(), message };
    });
  } catch {
    return [];
  }
}

async function peopleFindings({ database }: Services): Promise<Finding[]> {
  const admins = await database
    .selectFrom('accounts')
    .leftJoin('second_factors', (join) => join.onRef('second_factors.account_id', '=', 'accounts.id').on('confirmed_at', 'is not', null))
    .select(['accounts.name', 'second_factors.id as factor'])
    .where('is_admin', '=', 1)
    .where('disabled_at', 'is', null)
    .execute();
  const without = admins.filter(({ factor }) => factor === null).map(({ name }) => withoutFactor(name, 'runs the appliance'));
  const [only] = admins;
  if (new Set(admins.map(({ name }) => name)).size > 1 || !only) return without;
  const message = `${only.name} alone runs the appliance. Make somebody else admin too, in case they are away.`;
  return [...without, { code: 'single-admin', severity: 'notice', subject: only.name, message }];
}

function withoutFactor(name: string, what: string): Finding {
  const message = `${name} ${what} and has no second factor: whoever learns the password has it all.`;
  return { code: 'owner-without-second-factor', severity: 'warning', subject: name, message };
}

async function settingFindings({ database, house }: Services): Promise<Finding[]> {
  const found: Finding[] = [];
  if (!(await findSetting(database, 'smtp'))) {
    const message = 'No mail server is set, so the appliance cannot send mail: reset links have to be passed on by hand.';
    found.push({ code: 'no-mail-server', severity: 'notice', subject: null, message });
  }
  if (house.domain !== 'localhost') return found;
  const message = 'The appliance has no domain name: only this machine reaches it.';
  return [...found, { code: 'no-domain', severity: 'notice', subject: null, message }];
}

/** What a team's own admins can do something about. */
export async function findTeamAttention({ database }: Services, team: Team): Promise<Finding[]> {
  const owners = await database
    .selectFrom('members')
    .innerJoin('accounts', 'accounts.id', 'members.account_id')
    .leftJoin('second_factors', (join) => join.onRef('second_factors.account_id', '=', 'accounts.id').on('confirmed_at', 'is not', null))
    .select(['accounts.name', 'second_factors.id as factor'])
    .where('members.team_id', '=', team.id)
    .where('members.role', '=', 'owner')
    .where('accounts.disabled_at', 'is', null)
    .execute();
  return owners.filter(({ factor }) => factor === null).map(({ name }) => withoutFactor(name, `owns the team ${team.name}`));
}
