import { headline, lines, listAt, objectAt, textAt, type Body, type Format } from './format.ts';

const MOST = 10;

/** https://prometheus.io/docs/alerting/latest/configuration/#webhook_config */
export const alertmanager: Format = {
  name: 'alertmanager',
  recognises: ({ body }) => Array.isArray(body.alerts) && 'groupKey' in body && !('orgId' in body),
  read: ({ body }) => {
    const alerts = listAt(body, 'alerts');
    if (alerts.length === 0) return undefined;
    const rest = alerts.length - MOST;
    return { name: 'Alertmanager', text: lines(...alerts.slice(0, MOST).map(describeAlert), rest > 0 ? `… and ${rest} more` : undefined) };
  },
};

/** Grafana's alerts have the same shape. */
export function describeAlert(alert: Body): string {
  const { labels, annotations } = { labels: objectAt(alert, 'labels'), annotations: objectAt(alert, 'annotations') };
  const isResolved = textAt(alert, 'status') === 'resolved';
  const severity = textAt(labels, 'severity');
  const where = textAt(labels, 'instance');
  const summary = headline(textAt(annotations, 'summary') || textAt(annotations, 'description') || textAt(annotations, 'message'), 300);
  const head = `${isResolved ? 'RESOLVED' : 'FIRING'}${severity && !isResolved ? ` (${severity})` : ''}: ${textAt(labels, 'alertname')}`;
  const link = textAt(alert, 'panelURL') || textAt(alert, 'dashboardURL') || textAt(alert, 'generatorURL');
  return `${head}${where && ` on ${where}`}${summary && `: ${summary}`}${link && ` ${link}`}`;
}
