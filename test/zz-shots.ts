import { mkdirSync } from 'node:fs';
import { PASSWORD, TestAppliance } from './support/appliance.ts';
import { ChatWindow, openChromium } from './web/support/window.ts';

const folder = '/tmp/adminshots';
mkdirSync(folder, { recursive: true });
const pages = (process.env.PAGES ?? 'overview teams accounts components components/ergo domain backups audit security settings team/orbit/team team/orbit/members team/orbit/members/ben team/orbit/channels team/orbit/invites team/orbit/webhooks').split(' ');
const looks = (process.env.LOOKS ?? 'light').split(' ');
const house = await TestAppliance.create();
await house.start();
const chromium = await openChromium();
try {
  const ada = await house.setUp('irc', { team: { name: 'Orbit', home: 'irc', channels: ['general', 'design', 'random'] } });
  await ada.ask(200, 'PATCH', '/api/account', { displayName: 'Ada Lovelace' });
  await ada.send('PATCH', '/api/teams/orbit/channels/general', { topic: 'Everything that concerns all of us' });
  await ada.send('POST', '/api/teams/orbit/channels', { name: 'board', private: true });
  for (const name of ['ben', 'cleo', 'dora', 'emil']) await house.join(ada, 'orbit', name);
  await ada.send('POST', '/api/teams', { name: 'Night Shift', home: 'xmpp' });
  await ada.send('POST', '/api/teams/orbit/invites', { role: 'member', uses: 10 });
  for (const look of looks) {
    const options = { theme: look.startsWith('dark') ? 'dark' : 'light', isPhone: look.includes('phone'), language: look.includes('de') ? 'de-DE' : 'en-GB' } as const;
    const window = await (await ChatWindow.open(chromium, house.origin, options)).logIn('ada');
    window.page.on('response', (response) => { if (response.status() >= 400) console.log(response.status(), response.request().method(), response.url().slice(house.origin.length)); });
    for (const place of pages) {
      await window.go(`/admin/${place}`);
      await window.page.waitForSelector('.admin-main h2', {timeout: 5000}).catch(async () => console.log(place, window.complaints, (await window.page.content()).slice(-1500)));
      await window.page.waitForTimeout(600);
      await window.page.screenshot({ path: `${folder}/${look}-${place.replaceAll('/', '_')}.png`, fullPage: true });
      const barriers = await window.barriers();
      if (barriers.length) console.log(look, place, barriers);
    }
    console.log(look, window.complaints);
    await window.context.close();
  }
} finally {
  await chromium.close();
  await house.dispose();
}
