/** Alt and an arrow: to the conversation above or below in the list as it is sorted there; with Shift to the next with something new. */
export function walk({ key, shiftKey }: KeyboardEvent): void {
  const items = [...document.querySelectorAll<HTMLElement>('.sidebar .item')];
  const at = items.findIndex(({ classList }) => classList.contains('active'));
  const others = key === 'ArrowUp' ? items.slice(0, Math.max(0, at)).reverse() : items.slice(at + 1);
  others.find(({ classList }) => !shiftKey || classList.contains('unread'))?.click();
}
