import { storeSetting } from '../../../database/settings.ts';
import { recordAct } from '../../../teams/acts.ts';
import { checkMay } from '../../../teams/policies.ts';
import type { App } from '../../app-type.ts';
import { Backups } from '../../backups/backups.ts';
import { getCaller } from '../../caller.ts';
import { doerOf } from '../../doer.ts';
import { VERSION, type Services } from '../../services.ts';
import { backupsSchema, planSchema, runSchema } from './schema.ts';

export function backupRoutes(app: App, services: Services): void {
  const { settings, database, outbox, logger, house } = services;
  const backups = new Backups({ settings, database, logger, version: VERSION, domain: () => house.domain });
  const endSchedule = backups.schedule();
  app.addHook('onClose', async () => endSchedule());

  const present = async () => {
    const runs = await backups.runs();
    const lastProvedAt = runs.find(({ provedAt }) => provedAt)?.provedAt;
    return { plan: await backups.plan(), running: backups.isRunning, runs, ...(lastProvedAt && { lastProvedAt }) };
  };

  app.get('/api/backups', { schema: backupsSchema }, async (request) => {
    checkMay(getCaller(request), 'administer the appliance');
    return present();
  });

  app.put('/api/backups', { schema: planSchema }, async (request) => {
    checkMay(getCaller(request), 'administer the appliance');
    const plan = { ...(await backups.plan()), ...request.body };
    await outbox.change(async (change) => {
      await storeSetting(change.queries, 'backupPlan', plan);
      await recordAct(change, doerOf(request), {
        action: 'backup.plan',
        target: plan.repository,
        details: { isOn: plan.isOn, hour: plan.hour },
      });
    });
    return present();
  });

  app.post('/api/backups', { schema: runSchema }, async (request) => {
    checkMay(getCaller(request), 'administer the appliance');
    await outbox.change((change) => recordAct(change, doerOf(request), { action: 'backup.run' }));
    return backups.run();
  });
}
