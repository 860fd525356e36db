import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { House, irc, text } from './support/house.ts';
import { launchGateway, unlimitedGateway, untilIt } from './support/launch.ts';

const MEMBERS = 10;
const MESSAGES = 150;
/** Code is compiled and caches fill up at first. */
const WARM_UP = 10;
const ROUNDS = 12;
/** 120 members of 20 kB, 1,800 messages of half a kilobyte to ten: whichever of them is not let go of is above this. */
const MOST_GROWTH = 400 * 1024;

let house: House;
let gateway: ChildProcess;
beforeAll(async () => {
  house = await House.open();
  await house.gateway.close();
  gateway = await launchGateway(house, unlimitedGateway);
});
afterAll(async () => {
  gateway.kill('SIGKILL');
  await house.close();
});

async function heap(): Promise<number> {
  const answer = once(gateway, 'message') as Promise<[number]>;
  gateway.send('heap');
  return (await answer)[0];
}

/** Members come, talk and are gone for good. */
async function round(number: number): Promise<void> {
  const names = Array.from({ length: MEMBERS }, (_, index) => `leak${number}x${index}`);
  const members = await Promise.all(names.map((name) => house.member(name, '#leak')));
  const [first, second] = members;
  const words = (message: number): string => `${number} ${message} and some words more`;
  const said = Array.from({ length: MESSAGES }, (_, message) => first?.says('message', text(names[0] ?? '', '#leak', words(message))));
  await Promise.all(said);
  await second?.hearsText(words(MESSAGES - 1));
  await Promise.all(members.map((member, index) => member.says('message', irc(names[index] ?? '', 'disconnect'))));
  for (const member of members) member.leaves();
  await untilIt(async () => expect(await house.health()).toMatchObject({ sockets: 0, sessions: 0 }), 'everybody is gone');
}

it('nothing of those who were there stays on the heap', async () => {
  for (let number = 0; number < WARM_UP; number += 1) await round(number);
  const before = await heap();
  for (let number = 0; number < ROUNDS; number += 1) await round(WARM_UP + number);
  expect((await heap()) - before).toBeLessThan(MOST_GROWTH);
});
