import type { Command } from './commands.ts';

type Row = Readonly<Record<string, unknown>>;

/** An answer as people read it. */
export function show(command: Command, body: unknown): string {
  if (command.list) {
    const rows = ((body as Row)[command.list.of] ?? []) as Row[];
    return rows.length === 0 ? 'None.' : columnsOf(command.list.columns, rows);
  }
  if (body === undefined) return command.done ?? 'Done.';
  const row = body as Row;
  const shown = (command.shows ?? Object.keys(row)).filter((key) => row[key] !== undefined && row[key] !== null);
  return shown.map((key) => `${key}: ${cell(row[key])}`).join('\n');
}

function columnsOf(columns: readonly string[], rows: readonly Row[]): string {
  const lines = [columns.map((column) => column), ...rows.map((row) => columns.map((column) => cell(row[column])))];
  const widths = columns.map((_, index) => Math.max(...lines.map((line) => line[index]?.length ?? 0)));
  return lines
    .map((line) =>
      line
        .map((text, index) => text.padEnd(widths[index] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** One line: what others wrote must not move the cursor of the terminal. */
function cell(value: unknown): string {
  if (value === undefined || value === null) return '-';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  const text = Array.isArray(value) ? value.join(',') || '-' : typeof value === 'object' ? JSON.stringify(value) : String(value);
  return text.replace(/\p{Cc}+/gu, ' ');
}
