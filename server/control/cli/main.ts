import { parseArgs } from 'node:util';
import { isKosmosError, messageOf } from '../../foundation/errors.ts';
import { ask, Unreachable, type Access } from './client.ts';
import { commands, type Command } from './commands.ts';
import { show } from './show.ts';

/** What a script can tell apart. */
const exits = { ok: 0, refused: 1, usage: 2, unreachable: 3 } as const;

const everywhere = {
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  as: { type: 'string' },
  url: { type: 'string' },
  'token-file': { type: 'string' },
} as const;

class UsageError extends Error {}

/** `scripts/kosmos`: what the admin panel does, from a shell. Every command is one question to the API. */
async function run(args: readonly string[]): Promise<number> {
  const words = args.filter((word) => !word.startsWith('-'));
  const command = commands.find(({ usage }) => fixedWords(usage).every((word, index) => words[index] === word));
  const wantsHelp = args.includes('--help') || args.includes('-h');
  if (!command || wantsHelp) {
    const topic = commands.filter(({ usage }) => usage.split(' ')[0] === words[0]);
    const isAsked = wantsHelp || args.length === 0;
    (isAsked ? process.stdout : process.stderr).write(help(command ? [command] : topic.length > 0 ? topic : commands));
    return isAsked ? exits.ok : exits.usage;
  }
  const { given, options, access, json } = read(command, args);
  const { status, body } = await ask(command.ask(given, options), access);
  const failed = status >= 400 && !(command.usage === 'health' && status === 503);
  if (json) process.stdout.write(`${JSON.stringify(body ?? null)}\n`);
  else if (failed) process.stderr.write(`${failureOf(body, status)}\n`);
  else process.stdout.write(`${show(command, body)}\n`);
  return failed || status === 503 ? exits.refused : exits.ok;
}

function read(command: Command, args: readonly string[]) {
  const own = Object.fromEntries((command.options ?? []).map((name) => [name, { type: flags.has(name) ? 'boolean' : 'string' } as const]));
  const parsed = parse(args, { ...own, ...everywhere });
  const given = parsed.positionals.slice(fixedWords(command.usage).length);
  const needed = command.usage.split(' ').filter((word) => word.startsWith('<'));
  if (given.length !== needed.length) throw new UsageError(`usage: kosmos ${command.usage}`);
  const { json, as, url, 'token-file': tokenFile, yes, ...options } = parsed.values;
  if (command.options?.includes('yes') && yes !== true) throw new UsageError('This cannot be undone. Say --yes if you mean it.');
  const access: Access = { ...(as ? { as } : {}), ...(url ? { url } : {}), ...(tokenFile ? { tokenFile } : {}) } as Access;
  const texts = Object.entries(options).map(([name, value]) => [name, String(value)]);
  return { given, options: Object.fromEntries(texts) as Record<string, string>, access, json: json === true };
}

const flags = new Set(['yes', 'private']);

function parse(args: readonly string[], options: Record<string, { type: 'boolean' | 'string'; short?: string }>) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError(messageOf(error));
  }
}

function fixedWords(usage: string): string[] {
  return usage.split(' ').filter((word) => !word.startsWith('<'));
}

function failureOf(body: unknown, status: number): string {
  const { code, message } = (body ?? {}) as { code?: string; message?: string };
  return code ? `${code}: ${message ?? ''}` : `The appliance answered with ${status}`;
}

function help(shown: readonly Command[]): string {
  const width = Math.max(...shown.map(({ usage }) => usage.length));
  const lines = shown.map(({ usage, about }) => `  kosmos ${usage.padEnd(width)}  ${about}`);
  const common = [
    '  --json               the API’s answer as it is',
    '  --as NAME            act as this admin of the appliance (here; else as the first one)',
    '  --url ADDRESS --token-file FILE   an appliance elsewhere, with the token of a session there',
  ];
  return `${lines.join('\n')}\n\n${common.join('\n')}\n\nEnds with 0 if done, 1 if refused, 2 for a wrong command, 3 if nobody answers.\n`;
}

try {
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${isKosmosError(error) ? `${error.code}: ` : ''}${messageOf(error)}\n`);
  process.exitCode = error instanceof UsageError ? exits.usage : error instanceof Unreachable ? exits.unreachable : exits.refused;
}
