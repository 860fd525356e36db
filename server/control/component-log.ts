import { KosmosError } from '../foundation/errors.ts';
import type { ComponentLog } from '../supervisor/logs.ts';
import { findControlLog } from './console.ts';
import type { Services } from './services.ts';

/** Of a component, or of control itself where it keeps one. Throws KOSMOS_ERR_COMPONENT_NOT_FOUND. */
export function findLog({ supervisor }: Pick<Services, 'supervisor'>, name: string): ComponentLog {
  if (name !== 'control') return supervisor.get(name).log;
  const log = findControlLog();
  if (!log) throw new KosmosError('KOSMOS_ERR_COMPONENT_NOT_FOUND', { component: name });
  return log;
}
