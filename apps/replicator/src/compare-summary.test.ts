import type { CompareReport, TableReport } from '@windlass/data/compare';
import { compareResult, type CompareResult as ReadResult } from '@windlass/resources/postgres/spec';
import { readCompareInput } from './compare-input.ts';
import { summaryOf } from './compare-summary.ts';
import type { CompareResult } from './run-compare.ts';

const nameOf = (number: number): string => `n${String(number)}`;
const table = (more: Partial<TableReport>): TableReport => ({
  ...{ table: 'public.t', equal: false, rows: 10, differing: [], contents: [], unsettled: 0, more: false },
  ...more,
});
const report = (...tables: TableReport[]): CompareReport => ({
  ...{ equal: tables.every(({ equal }) => equal), nodes: [1, 2], schema: [], tables },
});
const values = [
  { node: 1, hash: 'ab'.repeat(32), version: { time: 0, node: 1 } },
  { node: 2, hash: null },
];

test('what differs is named by its key; of the row only a hash is told', () => {
  const summary = summaryOf(report(table({ differing: [{ key: ['7'], values }] }), table({ table: 'u', equal: true })), nameOf); // prettier-ignore
  expect(summary).toEqual({
    ...{ equal: false, nodes: ['n1', 'n2'], tables: 2, rows: 20, differingTables: ['public.t'], more: false },
    differences: [
      {
        ...{ table: 'public.t', what: 'row', key: ['7'] },
        nodes: [
          { node: 'n1', has: 'a row with hash abababababababab of 1970-01-01T00:00:00.000Z' },
          { node: 'n2', has: null },
        ],
      },
    ],
  });
});

test('contents, what never rests and what was not compared are told in words', () => {
  const counts = [{ node: 1, rows: 2 }];
  const contents = [{ content: 'cd'.repeat(32), row: { secret: 'x' }, counts }];
  const summary = summaryOf(report(table({ contents, unsettled: 3, notCompared: 'it was dropped' })), nameOf);
  expect(summary.differences.map(({ what }) => what)).toEqual([
    'not compared: it was dropped',
    'rows without a key whose hash is cdcdcdcdcdcdcdcd',
    '3 changed every time they were looked at',
  ]);
  expect(JSON.stringify(summary)).not.toContain('secret');
});

test('who reads it has all of it', () => {
  const schema = [{ ...{ table: 'public.u', column: 'c', what: 'type' as const }, values: [{ node: 1, has: 'integer' }, { node: 2, has: null }] }]; // prettier-ignore
  const found = { ...report(table({ differing: [{ key: ['7'], values }] })), schema };
  const left = [{ table: 'public.t', key: ['7'], why: 'it was changed meanwhile' }];
  const written: CompareResult = { ...summaryOf(found, nameOf), repaired: 1, left };
  const read: ReadResult = compareResult.parse(JSON.parse(JSON.stringify(written)));
  expect(read).toEqual(written satisfies ReadResult);
});

test('it is bounded: 100 of a table, 500 in all, keys cut', () => {
  const many = Array.from({ length: 200 }, () => ({ key: ['k'.repeat(5000)], values }));
  const tables = Array.from({ length: 10 }, (_, i) => table({ table: `t${String(i)}`, differing: many }));
  const { differences, more } = summaryOf(report(...tables), nameOf);
  expect([differences.length, more, differences[0]?.key?.[0]?.length]).toEqual([500, true, 200]);
  expect(JSON.stringify(differences).length).toBeLessThan(300_000);
});

test('what it is told must be whole', () => {
  expect(() => readCompareInput(undefined)).toThrow();
  expect(() => readCompareInput('{"database":"d","user":"u","nodes":[]}')).toThrow(/nodes/);
  const nodes = [1, 2].map((number) => ({ number, name: nameOf(number), hosts: [{ host: 'h', port: 5432 }] }));
  expect(readCompareInput(JSON.stringify({ database: 'd', user: 'u', nodes })).nodes).toEqual(nodes);
});
