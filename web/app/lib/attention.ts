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

let audio: AudioContext | undefined;

/** Two soft notes, made here: no file to load. */
export function playSound(): void {
  audio ??= new AudioContext();
  const { currentTime, destination } = audio;
  for (const [i, frequency] of [660, 880].entries()) {
    const start = currentTime + i * 0.12;
    const tone = new OscillatorNode(audio, { frequency });
    const volume = new GainNode(audio, { gain: 0 });
    volume.gain.linearRampToValueAtTime(0.08, start + 0.02);
    volume.gain.linearRampToValueAtTime(0, start + 0.25);
    tone.connect(volume).connect(destination);
    tone.start(start);
    tone.stop(start + 0.3);
  }
}
