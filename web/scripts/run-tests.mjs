// Runs the built QUnit page in headless Chromium: `npm test -w web`.
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { chromium } from 'playwright-core';

const folder = path.join(import.meta.dirname, '../dist-tests');
const types = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };
const limit = 60_000;

const server = createServer(async (request, response) => {
  const file = path.join(folder, path.normalize(new URL(request.url, 'http://localhost').pathname));
  const content = file.startsWith(folder) ? await readFile(file).catch(() => undefined) : undefined;
  response.writeHead(content ? 200 : 404, { 'content-type': types[path.extname(file)] ?? 'application/octet-stream' }).end(content);
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run'],
});
try {
  const page = await browser.newPage();
  page.on('pageerror', (error) => console.error(error.stack));
  await page.goto(`http://127.0.0.1:${server.address().port}/tests/index.html`);
  const report = await (await page.waitForFunction('window.finished', undefined, { timeout: limit })).jsonValue();
  for (const { name, message, actual, expected } of report.failures) {
    console.log(
      `not ok  ${name}\n        ${message ?? ''}\n        actual:   ${JSON.stringify(actual)}\n        expected: ${JSON.stringify(expected)}`,
    );
  }
  console.log(`${report.passed} passed, ${report.failed} failed`);
  process.exitCode = report.failed > 0 || report.passed === 0 ? 1 : 0;
} finally {
  await browser.close();
  server.close();
}
