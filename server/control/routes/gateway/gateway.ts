import { changeGatewaySettings, findGatewaySettings } from '../../../database/gateway-settings.ts';
import { checkMay } from '../../../teams/policies.ts';
import type { App } from '../../app-type.ts';
import { getCaller } from '../../caller.ts';
import type { Services } from '../../services.ts';
import { changeGatewaySettingsSchema, gatewaySettingsSchema } from './schema.ts';

export function gatewayRoutes(app: App, { database, outbox }: Services): void {
  app.get('/api/gateway/settings', { schema: gatewaySettingsSchema }, async (request) => {
    checkMay(getCaller(request), 'say where the gateway connects to');
    return findGatewaySettings(database);
  });

  app.put('/api/gateway/settings', { schema: changeGatewaySettingsSchema }, async (request) => {
    checkMay(getCaller(request), 'say where the gateway connects to');
    return outbox.change((change) => changeGatewaySettings(change, request.body));
  });
}
