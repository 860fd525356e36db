import { expect, test } from 'vitest';
import type { FindScene } from '../support/scene.ts';

/** Known ways to get markup or script out of a text; each sets `document.body.dataset.broken` where it works. */
const act = "document.body.dataset.broken='yes'";
export const payloads = [
  `<script>${act}</script>`,
  `<img src=x onerror="${act}">`,
  `<svg/onload="${act}">`,
  `<iframe srcdoc="<script>parent.${act}</script>"></iframe>`,
  `"><input autofocus onfocus="${act}">`,
  `<a href="javascript:${act}">click</a>`,
  `[click](javascript:${act})`,
  `[click](data:text/html,<script>${act}</script>)`,
  `![x](x"onerror="${act})`,
  `<math><mtext><table><mglyph><style><img src=x onerror="${act}">`,
  '<form action="https://evil.example"><button>send</button></form>',
  `{{constructor.constructor("${act}")()}}`,
];

export function payloadTests(scene: FindScene): void {
  test('what looks like markup or script is text: in messages, topics, reasons and names of files', async () => {
    const { ada, bob, owner } = scene();
    for (const payload of payloads) await ada.say(payload);
    await ada.say('that was all of it');
    await bob.sees('that was all of it');
    await ada.say(`/topic ${payloads[1]}`);
    await bob.page.locator('.channel-topic', { hasText: 'onerror' }).waitFor();
    await ada.say(`/away ${payloads[2]}`);
    await ada.say('and back');
    await bob.sees('and back');
    await owner.ask(200, 'PATCH', '/api/account', { displayName: '<b onmouseover=alert(1)>Ada' });
    await bob.page.reload();
    await bob.page.locator('.author', { hasText: '<b onmouseover=alert(1)>Ada' }).first().waitFor();
    for (const window of [ada, bob]) {
      expect(await window.page.evaluate('document.body.dataset.broken')).toBeUndefined();
      expect(await window.page.locator('main :is(script, iframe, form[action], math, img, [onerror], [onload], [onfocus])').count()).toBe(
        0,
      );
      expect(await window.page.locator('main a[href^="javascript:"], main a[href^="data:"]').count()).toBe(0);
    }
    await owner.ask(200, 'PATCH', '/api/account', { displayName: null });
    for (const window of [ada, bob]) await window.page.reload();
    for (const window of [ada, bob]) await window.page.locator('.composer-text').waitFor();
  });
}
