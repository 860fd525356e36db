import type { Section } from './lib/places.ts';
import { AccountsPage } from './pages/accounts/accounts-page.gts';
import { AuditPage } from './pages/audit/audit-page.gts';
import { ChannelsPage } from './pages/channels/channels-page.gts';
import { ComponentPage } from './pages/components/component-page.gts';
import { ComponentsPage } from './pages/components/components-page.gts';
import { InvitesPage } from './pages/invites/invites-page.gts';
import { MemberPage } from './pages/members/member-page.gts';
import { MembersPage } from './pages/members/members-page.gts';
import { OverviewPage } from './pages/overview/overview-page.gts';
import { BackupsPage } from './pages/places/backups-page.gts';
import { DomainPage } from './pages/places/domain-page.gts';
import { SecurityPage } from './pages/security/security-page.gts';
import { SettingsPage } from './pages/settings/settings-page.gts';
import { TeamPage } from './pages/team/team-page.gts';
import { TeamsPage } from './pages/teams/teams-page.gts';
import { WebhooksPage } from './pages/webhooks/webhooks-page.gts';

/** What an admin of the appliance looks after. */
export const applianceSections: readonly Section[] = [
  { id: 'overview', icon: 'gauge', page: OverviewPage },
  { id: 'teams', icon: 'building', page: TeamsPage },
  { id: 'accounts', icon: 'user', page: AccountsPage },
  { id: 'components', icon: 'boxes', page: ComponentsPage, itemPage: ComponentPage },
  { id: 'domain', icon: 'globe', page: DomainPage },
  { id: 'backups', icon: 'backup', page: BackupsPage },
  { id: 'audit', icon: 'scroll', page: AuditPage },
  { id: 'security', icon: 'shield', page: SecurityPage },
  { id: 'settings', icon: 'sliders', page: SettingsPage },
];

/** What an admin of a team looks after. */
export const teamSections: readonly Section[] = [
  { id: 'team', icon: 'activity', page: TeamPage },
  { id: 'members', icon: 'users', page: MembersPage, itemPage: MemberPage },
  { id: 'channels', icon: 'hash', page: ChannelsPage },
  { id: 'invites', icon: 'link', page: InvitesPage },
  { id: 'webhooks', icon: 'webhook', page: WebhooksPage },
  { id: 'audit', icon: 'scroll', page: AuditPage },
];
