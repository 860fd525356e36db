/** When somebody wants no push: `from` and `until` as `22:00` on the clock of `timeZone`; may go over midnight. */
export interface QuietHours {
  readonly from: string;
  readonly until: string;
  readonly timeZone: string;
}

export function isQuiet({ from, until, timeZone }: QuietHours, now = new Date()): boolean {
  const clock = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(now);
  return from <= until ? from <= clock && clock < until : clock >= from || clock < until;
}

export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en-GB', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
