import { describe, expect, it } from 'vitest';
import { formatScopes, parseScopes } from '../identity/storage-scopes.ts';
import { canonicalPath, folderOf, isPublicDocument, parentOf, parsePath } from './paths.ts';
import { fitsMatch, namesCurrent, readPreconditions } from './preconditions.ts';
import { readRange } from './ranges.ts';

describe('paths', () => {
  it('tells folders, documents and what is public', () => {
    expect(parsePath('/')).toEqual({ names: [], isFolder: true });
    expect(parsePath('/a/b%20c/')).toEqual({ names: ['a', 'b c'], isFolder: true });
    expect(parsePath('/a/b')).toEqual({ names: ['a', 'b'], isFolder: false });
    const isPublic = ['/public/a', '/public/', '/public', '/a/public/b'].map((path) => isPublicDocument(parsePath(path)));
    expect(isPublic).toEqual([true, false, false, false]);
  });

  it('has one spelling for each path, of characters that Armadietto takes', () => {
    expect(canonicalPath(parsePath('/%6eotes/a~b!%27'))).toBe('/notes/a%7Eb%21%27');
    expect([canonicalPath(parsePath('/')), canonicalPath(parsePath('/a/'))]).toEqual(['/', '/a/']);
  });

  it('keeps a name apart from its folder', () => {
    expect([parentOf(['a', 'b']), parentOf(['a']), parentOf([])]).toEqual(['/a/', '/', '']);
    expect([folderOf(['a', 'b']), folderOf([])]).toEqual(['/a/b/', '/']);
  });

  it('counts bytes, not characters', () => {
    expect(() => parsePath(`/${encodeURIComponent('é'.repeat(1_025))}`)).toThrow(expect.objectContaining({ status: 414 }));
    expect(parsePath(`/${encodeURIComponent('é'.repeat(1_024))}`).names).toHaveLength(1);
  });
});

describe('preconditions', () => {
  it('takes lists, *, and tags without quotes', () => {
    const conditions = readPreconditions({ 'if-match': '"a", b', 'if-none-match': '*' });
    expect([fitsMatch(conditions, 'a'), fitsMatch(conditions, 'b'), fitsMatch(conditions, 'c'), fitsMatch(conditions, undefined)]).toEqual([
      ...[true, true, false, false],
    ]);
    expect([namesCurrent(conditions, 'x'), namesCurrent(conditions, undefined)]).toEqual([true, false]);
  });

  it('never writes on a weak tag, but spares a reader the content', () => {
    const conditions = readPreconditions({ 'if-match': 'W/"a"', 'if-none-match': 'W/"a"' });
    expect([fitsMatch(conditions, 'a'), namesCurrent(conditions, 'a')]).toEqual([false, true]);
  });
});

describe('ranges', () => {
  it.each([
    ['bytes=0-0', 10, { start: 0, end: 0 }],
    ['bytes=-20', 10, { start: 0, end: 9 }],
    ['bytes=10-', 10, 'unsatisfiable'],
    ['bytes=-0', 10, 'unsatisfiable'],
    ['bytes=0-', 0, 'unsatisfiable'],
    ['bytes=5-2', 10, undefined],
    ['bytes=0-1,3-4', 10, undefined],
    ['bytes=-', 10, undefined],
    ['bytes=99999999999999999999-', 10, undefined],
    [undefined, 10, undefined],
  ])('%s of %d bytes', (header, length, expected) => {
    expect(readRange(header, length)).toEqual(expected);
  });
});

describe('scopes', () => {
  it('takes the higher level of a module that is named twice', () => {
    expect(formatScopes(parseScopes('notes:r  notes:rw *:r notes:r'))).toBe('notes:rw *:r');
  });

  it.each(['', 'notes', 'notes:w', 'public:rw', '../x:r', '/:rw', 'a/b:r', ':r', 'x'.repeat(65) + ':r', 'a:r '.repeat(33) + 'b:rw,'])(
    'refuses “%s”',
    (text) => {
      expect(() => parseScopes(text)).toThrow(expect.objectContaining({ code: 'KOSMOS_ERR_STORAGE_SCOPE' }));
    },
  );
});
