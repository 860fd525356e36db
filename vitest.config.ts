import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['server/**/*.test.ts'], exclude: ['**/dist/**', '**/node_modules/**'], testTimeout: 20_000 } },
      {
        test: {
          name: 'end-to-end',
          include: ['test/**/*.test.ts'],
          exclude: ['test/compose/**', '**/node_modules/**'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          fileParallelism: false,
          // Real servers on a shared machine: what fails once and then passes is reported as such.
          retry: process.env.CI ? 1 : 0,
        },
      },
      // Needs a container engine: scripts/test-compose.
      { test: { name: 'compose', include: ['test/compose/*.test.ts'], testTimeout: 60_000, fileParallelism: false, bail: 1 } },
    ],
  },
});
