/** What a Lua configuration can hold. `raw` is an expression of Lua itself. */
export type LuaValue = string | number | boolean | readonly LuaValue[] | { readonly [key: string]: LuaValue | undefined } | LuaExpression;

export class LuaExpression {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** An assignment per defined entry, indented by `indent`. */
export function luaAssignments(entries: Readonly<Record<string, LuaValue | undefined>>, indent = ''): string {
  return Object.entries(entries)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${indent}${key} = ${luaLiteral(value as LuaValue)}\n`)
    .join('');
}

export function luaLiteral(value: LuaValue): string {
  if (value instanceof LuaExpression) return value.text;
  if (typeof value === 'string') return luaString(value);
  if (typeof value !== 'object') return String(value);
  if (Array.isArray(value)) return value.length === 0 ? '{}' : `{ ${value.map(luaLiteral).join(', ')} }`;
  const fields = Object.entries(value as Record<string, LuaValue | undefined>).flatMap(([key, field]) =>
    field === undefined ? [] : [`[${luaString(key)}] = ${luaLiteral(field)}`],
  );
  return fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`;
}

/** Bytes are bytes to Lua; what would end the line or the string is escaped. */
function luaString(text: string): string {
  return `"${text.replace(/["\\\p{Cc}]/gu, escapeCharacter)}"`;
}

function escapeCharacter(character: string): string {
  if (character === '"' || character === '\\') return `\\${character}`;
  return `\\u{${character.charCodeAt(0).toString(16)}}`;
}
