import type { App } from '../app-type.ts';
import type { Services } from '../services.ts';
import { accountRoutes } from './account/account.ts';
import { addFactorRoutes, clientPasswordRoutes, factorRoutes } from './account/factors.ts';
import { accountRecoveryRoutes, accountTableRoutes } from './admin/accounts.ts';
import { auditRoutes } from './admin/audit.ts';
import { memberSessionRoutes, memberTableRoutes } from './admin/members.ts';
import { teamTableRoutes } from './admin/teams.ts';
import { archiveRoutes } from './archive/archive.ts';
import { backupRoutes } from './backups/backups.ts';
import { botRoutes } from './bots/bots.ts';
import { channelChangeRoutes, channelMemberRoutes, channelRoutes } from './channels/channels.ts';
import { componentLogRoutes, componentRoutes } from './components/components.ts';
import { externalRoutes } from './components/externals.ts';
import { overviewRoutes, teamOverviewRoutes } from './components/overview.ts';
import { documentRoutes, importRoutes } from './documents/documents.ts';
import { domainRoutes } from './domain/domain.ts';
import { eventStreamRoutes } from './events/events.ts';
import { gatewayRoutes } from './gateway/gateway.ts';
import { healthRoutes } from './health/health.ts';
import { acceptRoutes } from './invites/accept.ts';
import { inviteRoutes } from './invites/invites.ts';
import { memberRoutes } from './members/members.ts';
import { registrationRoutes } from './registration/registration.ts';
import { resetRoutes } from './reset/reset.ts';
import { retentionRoutes } from './retention/retention.ts';
import { sessionRoutes } from './session/session.ts';
import { settingRoutes } from './settings/settings.ts';
import { setupRoutes } from './setup/setup.ts';
import { storageAddressRoutes, storageRoutes } from './storage/storage.ts';
import { logoRoutes } from './teams/logo.ts';
import { teamChangeRoutes, teamRoutes } from './teams/teams.ts';
import { unreadRoutes } from './unread/unread.ts';
import { outgoingCallRoutes, outgoingWebhookRoutes } from './webhooks/outgoing.ts';
import { incomingCallRoutes, webhookRoutes } from './webhooks/webhooks.ts';

/** Every part of the API, one for each noun. */
export const routes: readonly ((app: App, services: Services) => void)[] = [
  healthRoutes,
  setupRoutes,
  sessionRoutes,
  accountRoutes,
  teamRoutes,
  teamChangeRoutes,
  memberRoutes,
  channelRoutes,
  channelChangeRoutes,
  channelMemberRoutes,
  inviteRoutes,
  acceptRoutes,
  componentRoutes,
  archiveRoutes,
  storageRoutes,
  storageAddressRoutes,
  webhookRoutes,
  incomingCallRoutes,
  outgoingWebhookRoutes,
  outgoingCallRoutes,
  botRoutes,
  unreadRoutes,
  documentRoutes,
  importRoutes,
  teamTableRoutes,
  memberTableRoutes,
  memberSessionRoutes,
  accountTableRoutes,
  accountRecoveryRoutes,
  auditRoutes,
  componentLogRoutes,
  overviewRoutes,
  externalRoutes,
  eventStreamRoutes,
  logoRoutes,
  resetRoutes,
  factorRoutes,
  addFactorRoutes,
  clientPasswordRoutes,
  settingRoutes,
  registrationRoutes,
  teamOverviewRoutes,
  retentionRoutes,
  domainRoutes,
  backupRoutes,
  gatewayRoutes,
];
