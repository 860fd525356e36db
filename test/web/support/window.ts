import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { PASSWORD } from '../../support/appliance.ts';
import { eventually } from '../../support/eventually.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const limit = 15_000;

export function openChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run'],
  });
}

interface Violation {
  id: string;
  impact: string;
  nodes: { target: string[] }[];
}

interface Look {
  theme?: 'light' | 'dark';
  isPhone?: boolean;
  language?: string;
}

/** One person's window of the client; everything is done as a person does it. */
export class ChatWindow {
  /** What the page complained about: a test ends with none. */
  readonly complaints: string[] = [];

  private constructor(
    readonly page: Page,
    readonly context: BrowserContext,
    private readonly origin: string,
  ) {
    page.setDefaultTimeout(limit);
    page.on('pageerror', (error) => this.complaints.push(error.message));
    page.on('console', (message) => {
      // The browser's own words on a connection that a test cut.
      const isOurs = message.type() === 'error' && !/^Failed to load resource|^WebSocket connection to/.test(message.text());
      if (isOurs) this.complaints.push(message.text());
    });
  }

  static async open(
    browser: Browser,
    origin: string,
    { theme = 'light', isPhone = false, language = 'en-GB' }: Look = {},
  ): Promise<ChatWindow> {
    const viewport = isPhone ? { width: 390, height: 844 } : { width: 1280, height: 800 };
    const context = await browser.newContext({ viewport, colorScheme: theme, hasTouch: isPhone, isMobile: isPhone, locale: language });
    return new ChatWindow(await context.newPage(), context, origin);
  }

  async logIn(name: string, password = PASSWORD): Promise<this> {
    await this.page.goto(`${this.origin}/login`);
    await this.page.fill('#name', name);
    await this.page.fill('#password', password);
    await this.page.click('button[type=submit]');
    await this.page.waitForSelector('.composer-text');
    return this;
  }

  go(path: string) {
    return this.page.goto(this.origin + path);
  }

  async say(text: string): Promise<void> {
    await this.page.fill('.composer .composer-text', text);
    await this.page.press('.composer .composer-text', 'Enter');
  }

  /** The newest message that holds the text, as soon as it is there and the server has it. */
  async sees(text: string) {
    const message = this.message(text);
    await message.waitFor();
    return message;
  }

  /** Waits until an expression of the page is true; where its policy forbids that the page itself evaluates one. */
  until(expression: string): Promise<true> {
    return eventually(expression, async () => (await this.page.evaluate<boolean>(expression)) && true);
  }

  message(text: string) {
    return this.page.locator('.timeline .message:not(.sending)', { hasText: text }).last();
  }

  async openTools(text: string): Promise<void> {
    await this.message(text).hover();
    await this.page.waitForSelector('.tools');
  }

  async enter(channel: string): Promise<void> {
    await this.page.click(`.sidebar .item:has(.item-name:text-is("${channel}"))`);
    await this.page.waitForSelector(`.channel-head h1:text-is("${channel}")`);
  }

  /** An item of the menu that belongs to a conversation in the sidebar. */
  async itemMenu(name: string, item: string): Promise<void> {
    const row = this.page.locator(`.sidebar .item-row:has(.item-name:text-is("${name}"))`);
    await row.hover();
    await row.locator('.item-menu').click();
    await row.locator(`.menu-item:has-text("${item}")`).click();
  }

  /** The page and its files are kept by the service worker. */
  async untilOfflineReady(): Promise<void> {
    await this.page.evaluate(`navigator.serviceWorker.register('/sw.js').then(() => navigator.serviceWorker.ready)
      .then(() => navigator.serviceWorker.controller || new Promise((done) => navigator.serviceWorker.addEventListener('controllerchange', done)))
      .then(() => undefined)`);
  }

  /** From Enter to the message in the page, as the page's own clock has it. */
  millisecondsToShow(text: string): Promise<number> {
    return this.page.evaluate<number>(`new Promise((resolve) => {
      const area = document.querySelector('.composer-text');
      const began = performance.now();
      const isThere = () => [...document.querySelectorAll('.message')].some((one) => one.textContent.includes(${JSON.stringify(text)}));
      new MutationObserver((_, observer) => {
        if (!isThere()) return;
        observer.disconnect();
        resolve(performance.now() - began);
      }).observe(document.querySelector('.timeline-rows'), { childList: true, subtree: true });
      area.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }));
    })`);
  }

  /** Serious and critical findings of axe-core against WCAG 2.2 AA. */
  async barriers(): Promise<string[]> {
    await this.page.evaluate(axe);
    const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
    const violations = await this.page.evaluate<Violation[]>(
      `axe.run(document, { runOnly: ${JSON.stringify(rules)} }).then((found) => found.violations)`,
    );
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`);
  }
}
