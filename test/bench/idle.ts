import { TestAppliance } from '../support/appliance.ts';

const TARGET_MB = 300;
const TARGET_SECONDS = 5;
const STARTS = 3;

/** `npm run bench:idle`: from the start to all healthy, and what the idle appliance holds in memory (sum of PSS). */
const house = await TestAppliance.create();
const seconds: number[] = [];
try {
  await house.start();
  for (let start = 0; start < STARTS; start++) {
    await house.stop();
    const began = performance.now();
    await house.start();
    seconds.push((performance.now() - began) / 1000);
  }
  const { readFileSync } = await import('node:fs');
  const health = await house.health();
  const control = Number(/^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${house.controlPid}/smaps_rollup`, 'utf8'))?.[1]) / 1024;
  const parts = Object.entries(health?.components ?? {}).map(([name, { memory = 0 }]) => [name, memory / 1024 ** 2] as const);
  const rows = [['control', control] as const, ...parts];
  const total = rows.reduce((sum, [, megabytes]) => sum + megabytes, 0);
  for (const [name, megabytes] of rows) console.log(`${name.padEnd(10)} ${megabytes.toFixed(1).padStart(7)} MB`);
  console.log(`${'all'.padEnd(10)} ${total.toFixed(1).padStart(7)} MB   ${(total / TARGET_MB).toFixed(2)} of the ${TARGET_MB} MB aimed at`);
  const median = seconds.sort((a, b) => a - b)[Math.floor(STARTS / 2)] ?? 0;
  console.log(
    `start to healthy ${median.toFixed(1)} s (median of ${STARTS})   ${(median / TARGET_SECONDS).toFixed(2)} of the ${TARGET_SECONDS} s aimed at`,
  );
} finally {
  await house.dispose();
}
