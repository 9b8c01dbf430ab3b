import type { Row, Table } from '../../converge/table.ts';

const table = (name: string, part: Partial<Table>): Table => ({
  name,
  key: ['id'],
  unique: [],
  generated: [],
  identity: [],
  ...part,
});

/** The tables of the model: one of each sort the rules tell apart. */
export const TABLES: Readonly<Record<string, Table>> = {
  items: table('items', { generated: ['twice'], identity: ['no'] }),
  users: table('users', { unique: [['mail'], ['nick']] }),
  logs: table('logs', { key: [] }),
  parts_0: table('parts_0', {}),
  parts_1: table('parts_1', {}),
};

export function tableOf(name: string): Table {
  const found = TABLES[name];
  if (!found) throw new Error(`the model has no table ${name}`);
  return found;
}

const PARTITIONS = ['parts_0', 'parts_1'];

export function relatives(name: string): readonly string[] {
  return PARTITIONS.includes(name) ? PARTITIONS : [name];
}

/** The partition of `parts` that a key lies in. */
export function partitionOf(id: string): string {
  return `parts_${String(Number(id) % 2)}`;
}

/** What Postgres does with a row: generated columns are made, unless something was forced into them. */
export function asStored(name: string, row: Row, nextNumber: () => string): Row {
  if (name !== 'items') return row;
  return { no: 'no' in row ? (row['no'] ?? null) : nextNumber(), twice: `${row['a'] ?? ''}${row['a'] ?? ''}`, ...row };
}
