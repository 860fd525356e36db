import type { BrowserSession, Home, Role, Team, TeamChannel } from '../../../lib/api.ts';

/** The panel's part of control's API. */
export type ComponentState = 'stopped' | 'starting' | 'ready' | 'unresponsive' | 'waiting' | 'failed' | 'stopping';

export interface HouseComponent {
  name: string;
  title: string;
  state: ComponentState;
  since: string;
  restarts: number;
  reason?: string;
  pid?: number;
  memory?: number;
  cpu?: number;
  version: string | null;
  external: string | null;
  canBeExternal: boolean;
  effects: { restart: string; stop: string };
}

export interface Finding {
  code: string;
  severity: 'error' | 'warning' | 'notice';
  subject: string | null;
  message: string;
}

export interface Sample {
  at: string;
  components: Record<string, { memory: number; cpu: number }>;
}

export interface Online {
  total: number;
  web: number;
  irc: number;
  xmpp: number;
}

export interface DayCount {
  day: string;
  count: number;
}

export interface Overview {
  version: string;
  startedAt: string;
  uptime: number;
  status: 'setup' | 'ok' | 'degraded' | 'starting' | 'failed';
  domain: string;
  components: HouseComponent[];
  samples: { every: number; since: string; points: Sample[] };
  messages: DayCount[];
  online: Online;
  members: { total: number; disabled: number };
  disk: { path: string; total: number; free: number; used: number; data: Record<string, number> };
  attention: Finding[];
}

export interface TeamOverview {
  team: AdminTeam;
  messages: DayCount[];
  online: Online;
  members: { total: number; disabled: number; byRole: Record<Role, number> };
  channels: { total: number; private: number; archived: number };
  invites: { open: number };
  attention: Finding[];
}

export interface AdminTeam extends Team {
  createdAt: string;
  accent: string | null;
  logo: string | null;
}

export interface TeamRow extends AdminTeam {
  members: number;
  channels: number;
  messages: number;
  retentionDays: number | null;
}

export type Protocol = 'web' | 'irc' | 'xmpp' | 'storage';
type LiveProtocol = Exclude<Protocol, 'storage'>;

interface Presence {
  isBot: boolean;
  disabled: boolean;
  isAdmin: boolean;
  secondFactor: boolean;
  sessions: number;
  online: LiveProtocol[];
  seen: Record<Protocol, string | null>;
  seenAt: string | null;
}

export interface MemberRow extends Presence {
  name: string;
  displayName: string | null;
  role: Role;
  joinedAt: string;
  may: { changeRole: boolean; remove: boolean; disable: boolean; resetPassword: boolean };
}

export interface MemberDetail {
  member: MemberRow;
  sessions: BrowserSession[];
  live: { protocol: 'irc' | 'xmpp'; client: string | null; address: string | null; since: string | null; viaGateway: boolean }[];
  channels: { id: string; name: string; private: boolean; archived: boolean }[];
  apps: number;
}

export interface ResetLink {
  token: string;
  url: string;
  expiresAt: string;
}

export interface AccountRow extends Presence {
  name: string;
  displayName: string | null;
  email: string | null;
  createdAt: string;
  teams: { slug: string; name: string; role: Role }[];
}

export interface AdminChannel extends TeamChannel {
  home: Home;
  createdAt: string;
  archived: boolean;
  default: boolean;
}

export interface ChannelRow extends AdminChannel {
  members: number;
  messages: number;
  lastMessageAt: string | null;
}

export type InviteState = 'open' | 'used' | 'expired' | 'revoked';

export interface InviteRow {
  id: string;
  role: Role;
  state: InviteState;
  uses: number;
  usesLeft: number;
  createdAt: string;
  createdBy: string | null;
  expiresAt: string;
  revokedAt: string | null;
  usedBy: { name: string; at: string }[];
}

export interface LogLine {
  at: string;
  text: string;
}

export interface External {
  name: string;
  title: string;
  supported: boolean;
  why: string;
  current: { host: string; port: number } | null;
}

export interface Externals {
  externals: External[];
  database: { kind: 'sqlite' | 'postgres'; address: string; readOnly: true };
}

export interface Act {
  id: number;
  at: string;
  actor: string | null;
  via: 'web' | 'program' | 'shell' | 'appliance';
  address: string | null;
  action: string;
  team: string | null;
  target: string | null;
  details: Record<string, string | number | boolean | null>;
}

export interface Smtp {
  host: string;
  port: number;
  security: 'tls' | 'starttls' | 'none';
  user: string | null;
  from: string;
  hasPassword: boolean;
}

export interface AdminSettings {
  language: string;
  sessionDays: number;
  secondFactorForAdmins: boolean;
  registration: { policy: 'invite' | 'open' | 'domains'; domains: string[]; team: string | null };
  limits: { requestsPerMinute: number; loginFailures: number };
  smtp: Smtp | null;
}

export interface Hop {
  hop: string;
  ok: boolean;
  skipped: boolean;
  milliseconds: number;
  answer: string;
}

export interface Bot {
  name: string;
  displayName: string | null;
  role: 'member' | 'guest';
  disabled: boolean;
  createdAt: string;
  online: LiveProtocol[];
  seen: Record<Protocol, string | null>;
  seenAt: string | null;
}

export interface Webhook {
  id: string;
  name: string;
  createdAt: string;
  usedAt: string | null;
  lastError: string | null;
}

export interface OutgoingWebhook {
  id: string;
  name: string;
  url: string;
  trigger: 'message' | 'mention';
  word: string | null;
  createdAt: string;
}
