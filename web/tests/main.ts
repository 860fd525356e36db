import { setApplication } from '@ember/test-helpers';
import { start } from 'ember-qunit';
import * as QUnit from 'qunit';
import App from '../app/app.ts';

interface Report {
  name: string;
  message: string | undefined;
  actual: unknown;
  expected: unknown;
}

declare global {
  interface Window {
    /** What scripts/run-tests.mjs waits for. */
    finished?: { passed: number; failed: number; failures: Report[] };
  }
}

const failures: Report[] = [];
let passed = 0;
let failed = 0;
QUnit.testDone(({ failed: broken }) => {
  if (broken > 0) failed++;
  else passed++;
});
QUnit.log(({ result, name, module, message, actual, expected }) => {
  if (!result) failures.push({ name: `${module}: ${name}`, message, actual, expected });
});
QUnit.done(() => {
  window.finished = { passed, failed, failures };
});

setApplication(App.create({ autoboot: false, rootElement: '#ember-testing' }));
import.meta.glob('./**/*-test.{ts,gts}', { eager: true });
start();
