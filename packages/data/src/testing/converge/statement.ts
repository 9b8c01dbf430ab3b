/** One statement of a local transaction in the model. */
export interface Statement {
  readonly what: 'insert' | 'update' | 'upsert' | 'delete' | 'rekey' | 'truncate';
  readonly on: 'items' | 'users' | 'logs' | 'parts';
  readonly id: string;
  /** The new key of `rekey`. */
  readonly to: string;
  readonly a: string;
  readonly b: string;
  /** Which of several things to change: a small number. */
  readonly which: number;
}

export function sentence({ what, on, id, to, a, b, which }: Statement): string {
  if (what === 'truncate') return `truncate ${on}${on === 'parts' ? ` (${String(which)})` : ''}`;
  if (on === 'logs') return `${what} ${on} ${a}${what === 'update' ? ` → ${b}` : ''}`;
  if (what === 'delete') return `delete ${on} ${id}`;
  if (what === 'rekey') return `rekey ${on} ${id} → ${to}`;
  return `${what} ${on} ${id} (${a}, ${b}; ${String(which)})`;
}
