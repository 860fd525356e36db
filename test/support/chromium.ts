import { chromium, type Browser, type Page } from 'playwright-core';

/** Debian's Chromium without the calls home that a closed network refuses. */
export function launchChromium(): Promise<Browser> {
  const quiet = ['--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'];
  return chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu', '--disable-quic', ...quiet] });
}

export interface PageOptions {
  readonly scheme?: 'light' | 'dark';
  readonly isPhone?: boolean;
}

/** A page with cookies of its own, as another person at another machine. What the page throws is kept in `errors`. */
export async function openPage(
  browser: Browser,
  { scheme = 'light', isPhone = false }: PageOptions = {},
): Promise<Page & { errors: string[] }> {
  const viewport = isPhone ? { width: 390, height: 844 } : { width: 1280, height: 800 };
  const context = await browser.newContext({ viewport, colorScheme: scheme, locale: 'en-GB', reducedMotion: 'reduce' });
  const page = Object.assign(await context.newPage(), { errors: [] as string[] });
  page.on('pageerror', (error) => page.errors.push(error.message));
  page.setDefaultTimeout(20_000);
  return page;
}
