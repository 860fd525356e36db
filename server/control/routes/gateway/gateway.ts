import { changeGatewaySettings, findGatewaySettings } from '../../../database/gateway-settings.ts';
import { recordAct } from '../../../teams/acts.ts';
import { checkMay } from '../../../teams/policies.ts';
import type { App } from '../../app-type.ts';
import { getCaller } from '../../caller.ts';
import { doerOf } from '../../doer.ts';
import type { Services } from '../../services.ts';
import { changeGatewaySettingsSchema, gatewaySettingsSchema } from './schema.ts';

export function gatewayRoutes(app: App, { database, outbox }: Services): void {
  app.get('/api/gateway/settings', { schema: gatewaySettingsSchema }, async (request) => {
    checkMay(getCaller(request), 'administer the appliance');
    return findGatewaySettings(database);
  });

  app.put('/api/gateway/settings', { schema: changeGatewaySettingsSchema }, async (request) => {
    checkMay(getCaller(request), 'administer the appliance');
    return outbox.change(async (change) => {
      await recordAct(change, doerOf(request), { action: 'settings.change', details: { gateway: Object.keys(request.body).join(', ') } });
      return changeGatewaySettings(change, request.body);
    });
  });
}
