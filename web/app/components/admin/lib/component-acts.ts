import type IntlService from 'ember-intl/services/intl';
import { api, path } from '../../../lib/api.ts';
import type { AdminService } from './admin-service.ts';
import type { HouseComponent } from './types.ts';
import { said } from './words.ts';

export type ComponentAct = 'restart' | 'stop' | 'start';

/** Restarts, stops or starts a component once it was said what that means for those who are connected. */
export function askToAct(admin: AdminService, intl: IntlService, component: HouseComponent, act: ComponentAct): void {
  const { name, title } = component;
  const run = () => api('POST', path('admin', 'components', name, act));
  const effect = act === 'start' ? intl.t('admin.components.startHint') : said(intl, `admin.effect.${name}.${act}`, component.effects[act]);
  admin.ask({
    title: intl.t(`admin.components.${act}Title`, { name: title }),
    points: [effect, intl.t(`admin.components.${act}Time`)],
    confirm: intl.t(`admin.components.${act}`),
    isDanger: act === 'stop',
    run,
  });
}

/** Which acts make sense in its state. */
export function actsOf({ name, state, external }: HouseComponent): ComponentAct[] {
  if (name === 'control' || external) return [];
  return state === 'stopped' || state === 'failed' ? ['start'] : ['restart', 'stop'];
}
