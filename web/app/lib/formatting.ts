/** Markdown's marks by the key that sets them together with Ctrl or Cmd. */
const marks: Readonly<Record<string, string>> = { b: '**', i: '*', e: '`' };

/** Puts the mark around what is selected; around nothing, the caret ends between the two. */
function wrapSelection(area: HTMLTextAreaElement, mark: string): void {
  const { selectionStart, selectionEnd, value } = area;
  area.setRangeText(`${mark}${value.slice(selectionStart, selectionEnd)}${mark}`, selectionStart, selectionEnd, 'end');
  if (selectionStart === selectionEnd) area.setSelectionRange(selectionStart + mark.length, selectionStart + mark.length);
}

/** Whether the key was one of those. */
export function formatByKey(area: HTMLTextAreaElement, event: KeyboardEvent): boolean {
  const mark = (event.ctrlKey || event.metaKey) && !event.altKey ? marks[event.key.toLowerCase()] : undefined;
  if (!mark) return false;
  event.preventDefault();
  wrapSelection(area, mark);
  return true;
}
