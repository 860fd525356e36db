import type { IrcMessage } from './message.ts';

/** What the server says of itself in numeric 005 (https://modern.ircdocs.horse/#rplisupport-005). */
export class Isupport {
  readonly #values = new Map<string, string>();

  receive({ params }: IrcMessage): void {
    for (const token of params.slice(1, -1)) {
      const [key = '', ...value] = token.split('=');
      if (key.startsWith('-')) this.#values.delete(key.slice(1));
      else
        this.#values.set(
          key,
          value.join('=').replace(/\\x([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16))),
        );
    }
  }

  get(key: string): string | undefined {
    return this.#values.get(key);
  }

  get channelTypes(): string {
    return this.get('CHANTYPES') || '#&';
  }

  /** Modes and their prefixes, highest first: `[['o', '@'], ['v', '+']]`. */
  get prefixes(): readonly (readonly [mode: string, prefix: string])[] {
    const [, modes = 'ov', prefixes = '@+'] = /^\((\w*)\)(.*)$/.exec(this.get('PREFIX') ?? '(ov)@+') ?? [];
    return [...modes].map((mode, index) => [mode, prefixes[index] ?? ''] as const);
  }

  /** Whether a channel mode takes a parameter, by its type A, B, C or D. */
  takesParameter(mode: string, adding: boolean): boolean {
    const [lists = '', always = '', whenSet = ''] = (this.get('CHANMODES') ?? 'beI,k,l').split(',');
    if (this.prefixes.some(([known]) => known === mode)) return true;
    return lists.includes(mode) || always.includes(mode) || (adding && whenSet.includes(mode));
  }

  isChannel(name: string): boolean {
    return name !== '' && this.channelTypes.includes(name.charAt(0));
  }

  /** Channel for `@#channel`, a message to the operators of one. */
  stripStatus(target: string): string {
    const rest = target.slice(1);
    return (this.get('STATUSMSG') ?? '').includes(target.charAt(0)) && this.isChannel(rest) ? rest : target;
  }

  /** Names compare by this (CASEMAPPING). */
  fold(name: string): string {
    const lower = name.toLowerCase();
    if (this.get('CASEMAPPING') !== undefined && !this.get('CASEMAPPING')?.startsWith('rfc1459')) return lower;
    return lower.replaceAll('[', '{').replaceAll(']', '}').replaceAll('\\', '|').replaceAll('~', '^');
  }

  /** Whether a client-only tag passes (CLIENTTAGDENY). */
  allowsTag(tag: string): boolean {
    const denied = (this.get('CLIENTTAGDENY') ?? '').split(',');
    if (denied.includes('*')) return denied.includes(`-${tag}`);
    return !denied.includes(tag);
  }
}
