import { expect, it } from 'vitest';
import { readPage } from './read-page.ts';

const page = new URL('https://example.org/a/b');

it('reads what a page says of itself', () => {
  const html = `<html><head><title>Plain</title><!-- <meta property="og:title" content="hidden"> -->
    <script>"<meta property='og:title' content='script'>"</script>
    <meta content="Tom &amp; &#x4a;erry &#8211; &quot;x&quot;" property='og:title'><meta name=description content="What   it
    is"><meta property="og:image" content="/pic.png"><meta property="og:site_name" content="Example">`;
  expect(readPage(html, page)).toEqual({
    ...{ title: 'Tom & Jerry – "x"', description: 'What it is', siteName: 'Example', image: 'https://example.org/pic.png' },
  });
});

it('makes do with a title, and with less shows nothing', () => {
  expect(readPage('<TITLE lang=en>\n Just\n this </TITLE>', page)).toEqual({
    title: 'Just this',
    description: null,
    siteName: null,
    image: null,
  });
  expect(readPage('<html><body>no title', page)).toBeUndefined();
});

it('is bounded, and takes no picture of another kind', () => {
  const preview = readPage(`<title>${'x'.repeat(500)}</title><meta property="og:image" content="javascript:alert(1)">`, page);
  expect(preview?.title).toHaveLength(200);
  expect(preview?.image).toBeNull();
  const start = performance.now();
  readPage(`<meta ${'a="'.repeat(80_000)}`, page);
  readPage('<!--'.repeat(60_000), page);
  readPage('<script '.repeat(30_000), page);
  readPage('<meta a="'.repeat(30_000), page);
  readPage('<meta '.repeat(30_000) + '>', page);
  expect(performance.now() - start).toBeLessThan(10_000);
});
