import { describeAlert } from './alertmanager.ts';
import { lines, listAt, textAt, type Format } from './format.ts';

const MOST = 10;

/** https://grafana.com/docs/grafana/latest/alerting/configure-notifications/manage-contact-points/integrations/webhook-notifier/ */
export const grafana: Format = {
  name: 'grafana',
  recognises: ({ body }) => Array.isArray(body.alerts) && 'orgId' in body,
  read: ({ body }) => {
    const alerts = listAt(body, 'alerts');
    const rest = alerts.length - MOST;
    const described = alerts.slice(0, MOST).map(describeAlert);
    const text = lines(...described, rest > 0 ? `… and ${rest} more` : undefined) || textAt(body, 'title');
    return text ? { name: 'Grafana', text } : undefined;
  },
};
