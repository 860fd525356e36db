import { Readable } from 'node:stream';
import { recordAct } from '../../../teams/acts.ts';
import { checkMay } from '../../../teams/policies.ts';
import type { App } from '../../app-type.ts';
import { getCaller } from '../../caller.ts';
import { findLog } from '../../component-log.ts';
import { presentComponent } from '../../component-view.ts';
import { doerOf } from '../../doer.ts';
import type { Services } from '../../services.ts';
import { actionSchema, componentSchema, componentsSchema, downloadLogSchema, logsSchema } from './schema.ts';

export function componentRoutes(app: App, services: Services): void {
  const { supervisor, sampler, outbox } = services;

  app.get('/api/admin/components', { schema: componentsSchema }, async (request) => {
    checkMay(getCaller(request), 'run the components');
    return { components: supervisor.components.map((supervised) => presentComponent(services, supervised)) };
  });

  app.get('/api/admin/components/:name', { schema: componentSchema }, async (request) => {
    checkMay(getCaller(request), 'run the components');
    const { name } = request.params;
    const samples = sampler.points.flatMap(({ at, components }) => (components[name] ? [{ at, ...components[name] }] : []));
    return { ...presentComponent(services, supervisor.get(name)), samples };
  });

  app.post('/api/admin/components/:name/:action', { schema: actionSchema }, async (request) => {
    checkMay(getCaller(request), 'run the components');
    const { name, action } = request.params;
    supervisor.checkAct(name, action);
    await outbox.change((change) => recordAct(change, doerOf(request), { action: `component.${action}`, target: name }));
    await supervisor.act(name, action);
    return presentComponent(services, supervisor.get(name));
  });
}

export function componentLogRoutes(app: App, services: Services): void {
  app.get('/api/admin/components/:name/logs', { schema: logsSchema }, async (request) => {
    checkMay(getCaller(request), 'run the components');
    const { lines = 200, contains = '' } = request.query;
    const log = findLog(services, request.params.name);
    if (contains === '') return { lines: log.last(lines) };
    return {
      lines: log
        .last(Infinity)
        .filter(({ text }) => has(text, contains))
        .slice(-lines),
    };
  });

  app.get('/api/admin/components/:name/log/download', { schema: downloadLogSchema }, async (request, reply) => {
    checkMay(getCaller(request), 'run the components');
    const { name } = request.params;
    const lines = linesWith(findLog(services, name).read(), request.query.contains ?? '');
    void reply.header('content-disposition', `attachment; filename="${name}.log"`);
    return reply.type('text/plain; charset=utf-8').send(Readable.from(lines));
  });
}

async function* linesWith(lines: AsyncIterable<string>, text: string): AsyncGenerator<string> {
  for await (const line of lines) if (has(line, text)) yield line;
}

function has(line: string, text: string): boolean {
  return line.toLowerCase().includes(text.toLowerCase());
}
