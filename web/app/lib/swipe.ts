import { modifier } from 'ember-modifier';

/** From the edge, so that code blocks and pictures can still be moved sideways. */
const edge = 32;
const far = 70;

/** A finger that draws from the left edge to the right leads back to the list. The page follows it unless the person wants no motion. */
export const swipeBack = modifier((element: HTMLElement, [onBack]: [() => void]) => {
  if (!matchMedia('(pointer: coarse)').matches) return undefined;
  const isStill = matchMedia('(prefers-reduced-motion: reduce)');
  let start: Touch | undefined;
  const along = (touch: Touch) => (start ? touch.clientX - start.clientX : 0);
  const begin = (event: TouchEvent) => {
    const touch = event.touches[0];
    start = event.touches.length === 1 && touch && touch.clientX < edge ? touch : undefined;
  };
  const move = (event: TouchEvent) => {
    const touch = event.touches[0];
    if (!start || !touch) return;
    if (Math.abs(touch.clientY - start.clientY) > 40) start = undefined;
    element.style.translate = start && !isStill.matches ? `${Math.max(0, along(touch))}px 0` : '';
  };
  const end = (event: TouchEvent) => {
    const touch = event.changedTouches[0];
    element.style.translate = '';
    if (start && touch && along(touch) > far) onBack();
    start = undefined;
  };
  element.addEventListener('touchstart', begin, { passive: true });
  element.addEventListener('touchmove', move, { passive: true });
  element.addEventListener('touchend', end);
  element.addEventListener('touchcancel', end);
  return () => {
    element.removeEventListener('touchstart', begin);
    element.removeEventListener('touchmove', move);
    element.removeEventListener('touchend', end);
    element.removeEventListener('touchcancel', end);
  };
});
