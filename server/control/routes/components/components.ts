import { checkMay } from '../../../teams/policies.ts';
import type { App } from '../../app-type.ts';
import { getCaller } from '../../caller.ts';
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
    await supervisor.act(name, action);
    return present(name);
  });

  app.get('/api/admin/components/:name/logs', { schema: logsSchema }, async (request) => {
    checkMay(getCaller(request), 'run the components');
    return { lines: await supervisor.get(request.params.name).lastLines(request.query.lines ?? 200) };
  });
}
