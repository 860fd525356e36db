import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { TestAuthority } from './support/authority.ts';
import { ComposeProject, OUTSIDE } from './support/compose.ts';

/** `npm run bench:compose`: sizes of the images, time to build and to healthy, what the idle containers hold in memory. */
const IDLE = 20_000;
const images = ['control', 'ergo', 'prosody', 'edge', 'docker-proxy'];
const folder = mkdtempSync(path.join(os.tmpdir(), 'kosmos-compose-'));
const project = await ComposeProject.create(folder);
const { http: httpPort, https: httpsPort } = project.ports;
const authority = await TestAuthority.start({ folder, host: OUTSIDE, httpPort, httpsPort, lifetimeSeconds: 3_600 });
project.trust(await authority.findRoot());
project.configure({ KOSMOS_ACME_DIRECTORY: authority.directory }, authority.bundleFile);

const timed = async (what: string, work: () => Promise<unknown>): Promise<void> => {
  const began = performance.now();
  await work();
  console.log(`${what.padEnd(28)} ${((performance.now() - began) / 1000).toFixed(0).padStart(6)} s`);
};

try {
  for (const image of images) {
    await timed(`build ${image}`, () => project.compose('build', ...(process.env.CLEAN_BUILD ? ['--no-cache'] : []), image));
  }
  for (const image of images) {
    const bytes = Number(await project.docker('image', 'inspect', '--format', '{{.Size}}', `kosmos-chat/${image}`));
    console.log(`size of ${image.padEnd(20)} ${(bytes / 1e6).toFixed(0).padStart(6)} MB`);
  }
  await timed('up to all healthy', async () => {
    await project.compose('up', '--detach');
    await project.untilHealthy();
  });
  await pause(IDLE);
  const lines = (await project.docker('stats', '--no-stream', '--format', '{{.Name}} {{.MemUsage}}')).split('\n');
  const rows = lines.filter((line) => line.startsWith(project.name)).map(memoryOf);
  for (const { name, megabytes } of rows) console.log(`idle ${name.padEnd(23)} ${megabytes.toFixed(1).padStart(6)} MB`);
  console.log(
    `idle, all together           ${rows
      .reduce((sum, { megabytes }) => sum + megabytes, 0)
      .toFixed(1)
      .padStart(6)} MB`,
  );
} finally {
  await project.remove();
  await authority.stop();
  rmSync(folder, { recursive: true, force: true });
}

function memoryOf(line: string): { name: string; megabytes: number } {
  const [, name = '', number, unit] = /^\S+?-([a-z-]+)-1 ([\d.]+)([KMG])iB/.exec(line.replace(project.name, 'kosmos')) ?? [];
  const factor = { K: 1 / 1024, M: 1, G: 1024 }[unit ?? 'M'] ?? 1;
  return { name, megabytes: Number(number) * factor };
}
