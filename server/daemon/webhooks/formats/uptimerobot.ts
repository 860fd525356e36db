import { lines, refuse, textAt, type Format } from './format.ts';

const kinds: Record<string, string> = { '1': 'is down', '2': 'is up again', '3': 'has a certificate that expires soon' };

/** https://uptimerobot.com/help/web-hook-alert-contacts: the names of its variables, as JSON, form fields or in the address. */
export const uptimerobot: Format = {
  name: 'uptimerobot',
  recognises: ({ body }) => 'monitorFriendlyName' in body || 'alertTypeFriendlyName' in body,
  deliveryId: ({ body }) => {
    const [monitor, type, time] = [textAt(body, 'monitorID'), textAt(body, 'alertType'), textAt(body, 'alertDateTime')];
    return monitor && time ? `${monitor} ${type} ${time}` : undefined;
  },
  read: ({ body }) => {
    const monitor = textAt(body, 'monitorFriendlyName');
    if (!monitor) refuse('“monitorFriendlyName” is missing');
    const what = kinds[textAt(body, 'alertType')] ?? `is ${textAt(body, 'alertTypeFriendlyName').toLowerCase()}`;
    const seconds = Number(textAt(body, 'alertDuration'));
    const lasted = what === kinds['2'] && seconds > 0 ? ` after ${duration(seconds)}` : '';
    const url = textAt(body, 'monitorURL');
    return { name: 'UptimeRobot', text: lines(`${monitor} ${what}${lasted}${url && ` ${url}`}`, textAt(body, 'alertDetails')) };
  },
};

function duration(seconds: number): string {
  const [minutes, hours] = [Math.floor(seconds / 60) % 60, Math.floor(seconds / 3_600)];
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min` : `${seconds} s`;
}
