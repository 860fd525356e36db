import { recordAct } from '../../../teams/acts.ts';
import { checkMay } from '../../../teams/policies.ts';
import type { App } from '../../app-type.ts';
import { getCaller } from '../../caller.ts';
import { doerOf } from '../../doer.ts';
import type { Services } from '../../services.ts';
import { actionSchema, componentsSchema, logsSchema } from './schema.ts';

export function componentRoutes(app: App, services: Services): void {
  const { supervisor } = services;
  const present = (name: string) => {
    const supervised = supervisor.get(name);
    return { name: supervised.component.name, title: supervised.component.title, ...supervised.status() };
  };

  app.get('/api/admin/components', { schema: componentsSchema }, async (request) => {
    checkMay(getCaller(request), 'run the components');
    return { components: supervisor.components.map(({ component }) => present(component.name)) };
  });

  app.post('/api/admin/components/:name/:action', { schema: actionSchema }, async (request) => {
    checkMay(getCaller(request), 'run the components');
    const { name, action } = request.params;
    supervisor.checkAct(name, action);
    await services.outbox.change((change) => recordAct(change, doerOf(request), { action: `component.${action}`, target: name }));
    await supervisor.act(name, action);
    return present(name);
  });

  app.get('/api/admin/components/:name/logs', { schema: logsSchema }, async (request) => {
    checkMay(getCaller(request), 'run the components');
    return { lines: supervisor.get(request.params.name).log.last(request.query.lines ?? 200) };
  });
}
