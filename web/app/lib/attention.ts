import type { Preferences } from '../services/preferences.ts';

/** Whether it is a time at which this person does not want to be called; the hours may cross midnight. */
export function isQuiet({ quietFrom, quietTo }: Pick<Preferences, 'quietFrom' | 'quietTo'>, now: Date): boolean {
  if (!quietFrom || !quietTo || quietFrom === quietTo) return false;
  const time = `${String(now.getHours()).padStart(2, '0')}:${String(now.getMinutes()).padStart(2, '0')}`;
  if (quietFrom < quietTo) return time >= quietFrom && time < quietTo;
  return time >= quietFrom || time < quietTo;
}

export type Badge = 'plain' | 'unread' | 'mention';

let shown: Badge = 'plain';

export function paintFavicon(badge: Badge): void {
  if (badge === shown) return;
  shown = badge;
  const link = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
  if (link) link.href = badge === 'plain' ? '/icons/icon.svg' : `/icons/icon-${badge}.svg`;
}
