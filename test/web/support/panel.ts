import type { Locator, Page } from 'playwright-core';
import type { ChatWindow } from './window.ts';

/** A page of the panel with what it asks the server for. */
export async function visit(window: ChatWindow, place: string): Promise<Page> {
  await window.go(`/admin/${place}`);
  return settle(window.page);
}

/** The same by the panel's own links: nothing is loaded anew. */
export async function walk({ page }: ChatWindow, place: string): Promise<Page> {
  await page.locator(`a[href="/admin/${place}"]`).first().dispatchEvent('click');
  await page.waitForURL(`**/admin/${place}`);
  return settle(page);
}

async function settle(page: Page): Promise<Page> {
  await page.locator('.admin-main h2').waitFor();
  await page.locator('.admin-main .skeletons').first().waitFor({ state: 'detached' });
  return page;
}

export const row = (page: Page, text: string): Locator => page.locator('.table tbody tr', { hasText: text });

/** What the row's menu holds by that name. */
export async function choose(page: Page, text: string, item: string): Promise<void> {
  await row(page, text).locator('.acts button').click();
  await page.locator('.menu-item', { hasText: item }).click();
}

/** The same, confirmed after it was said what will happen; gives what was said. */
export async function act(page: Page, text: string, item: string): Promise<string> {
  await choose(page, text, item);
  return confirm(page);
}

export async function confirm(page: Page): Promise<string> {
  const said = await page.locator('.confirm .points').innerText();
  await page.click('.confirm button[type=submit]');
  await page.locator('.confirm').waitFor({ state: 'detached', timeout: 30_000 });
  return said;
}

/** An entry of a list on a card, such as a webhook. */
export const entry = (page: Page, text: string): Locator => page.locator('.channel-list > li', { hasText: text });
