import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { readSettings } from '../foundation/settings.ts';
import { createControlLogger } from './console.ts';

it('names the variable of a data folder that cannot be written to', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'kosmos-console-'));
  writeFileSync(path.join(folder, 'file'), '');
  expect(() => createControlLogger(readSettings({ KOSMOS_DATA: path.join(folder, 'file', 'data') }))).toThrow(
    expect.objectContaining({ code: 'KOSMOS_ERR_SETTING', details: expect.objectContaining({ variable: 'KOSMOS_DATA' }) }),
  );
  rmSync(folder, { recursive: true });
});
