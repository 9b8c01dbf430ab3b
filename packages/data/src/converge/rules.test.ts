import { readFileSync } from 'node:fs';
import path from 'node:path';
import {
  RULES,
  UNCHANGED,
  arrange,
  clockWait,
  counted,
  DECISIONS,
  effectsOf,
  emptied,
  horizonOf,
  isNewer,
  listed,
  mayCopy,
  mayForget,
  mayOpen,
  mustBeRebuilt,
  newest,
  numberOf,
  settled,
  standing,
  whatIsThere,
} from './index.ts';
import { Draft } from '../testing/converge/draft.ts';
import { MemoryData } from '../testing/converge/memory-data.ts';
import { relatives, tableOf } from '../testing/converge/schema.ts';
import type { Rejected, Tally } from './index.ts';
import type { Value } from './table.ts';

const at = (time: number, node = 0) => ({ time, node });
const stored = (time: number | null) => ({ version: time === null ? null : at(time), row: {}, parked: false });
const user = (key: string, time: number, mail: Value, nick: Value) => ({
  key,
  stored: { version: at(time), row: { id: key, mail, nick }, parked: false },
});

describe('docs/explain/convergence.md', () => {
  const page = readFileSync(path.join(import.meta.dirname, '../../../../docs/explain/convergence.md'), 'utf8');

  it.each(Object.keys(RULES))('has the rule %s', (rule) => {
    expect(page).toContain(`\`${rule}\``);
  });
});

describe('versions', () => {
  it('are ordered by time, then by node; what has none is the oldest', () => {
    expect([isNewer(at(2), at(1, 9)), isNewer(at(1, 1), at(1)), isNewer(at(0), null), isNewer(null, null)]).toEqual([
      true,
      true,
      true,
      false,
    ]);
    expect(newest(undefined, at(1), at(3), at(2))).toEqual(at(3));
  });
});

describe('what is there × what arrives', () => {
  it.each([
    ['nothing', undefined, undefined],
    ['row, not newer', 4, undefined],
    ['row, not newer', 5, undefined],
    ['row, not newer', null, undefined],
    ['row, not newer', null, 9],
    ['row, not newer', 4, 3],
    ['newer row', 6, undefined],
    ['newer row', 6, 5],
    ['tombstone, not newer', undefined, 5],
    ['newer tombstone', undefined, 6],
    ['newer tombstone', 4, 6],
  ] as const)('is %s with a row of %s and a tombstone of %s, for what is of 5', (expected, row, tombstone) => {
    const there = whatIsThere(row === undefined ? undefined : stored(row), tombstone && at(tombstone), at(5), isNewer);
    expect(there).toBe(expected);
  });

  it('is a conflict only where a newer thing wins over one that wants something else', () => {
    const conflicts = Object.entries(DECISIONS).flatMap(([there, by]) =>
      Object.entries(by).flatMap(([arriving, { conflict }]) => (conflict ? [`${there} × ${arriving}`] : [])),
    );
    expect(conflicts).toEqual(['newer row × row', 'newer row × delete', 'newer tombstone × row']);
  });
});

describe('effects of a change', () => {
  const of = (change: Parameters<typeof effectsOf>[0]) => effectsOf(change, tableOf, RULES);

  it('are a delete and an insert when the key changes', () => {
    const effects = of({ kind: 'update', table: 'users', old: { id: '1' }, row: { id: '2', mail: 'a' } });
    expect(effects.map((one) => [one.kind, 'key' in one && one.key])).toEqual([
      ['delete', '["1"]'],
      ['row', '["2"]'],
    ]);
  });

  it('have the values of the old row for what was not sent, and no generated column', () => {
    const old = { id: '1', a: 'a', big: 'long' };
    const [effect] = of({ kind: 'update', table: 'items', old, row: { id: '1', a: 'b', big: UNCHANGED, twice: 'bb' } });
    expect(effect).toMatchObject({ row: { id: '1', a: 'b', big: 'long' } });
    expect(effect).not.toHaveProperty('row.twice');
  });

  it('are counts in a table without a key', () => {
    const effects = of({ kind: 'update', table: 'logs', old: { x: 'a' }, row: { x: 'b' } });
    expect(effects.map((one) => one.kind === 'count' && [one.content, one.by])).toEqual([
      ['["a"]', -1],
      ['["b"]', 1],
    ]);
    expect(() => of({ kind: 'update', table: 'logs', row: { x: UNCHANGED } })).toThrow('logs.x is unchanged');
  });
});

describe('a tally', () => {
  const none: Tally = { row: {}, certain: 0, since: [] };

  it('is the same whatever arrives first, and deletes nothing that is not there', () => {
    const events = [
      [at(1), 1],
      [at(2), -1],
      [at(3), -1],
      [at(4), 1],
    ] as const;
    const forwards = events.reduce<Tally>((tally, [version, by]) => counted(tally, version, by), none);
    const backwards = events.reduceRight<Tally>((tally, [version, by]) => counted(tally, version, by), none);
    expect([numberOf(forwards), numberOf(backwards)]).toEqual([1, 1]);
    expect(settled(forwards, 3)).toEqual({ row: {}, certain: 0, since: forwards.since.slice(2) });
    expect(numberOf(emptied(forwards, at(4)))).toBe(0);
  });
});

describe('unique values', () => {
  const table = tableOf('users');

  it('are kept by the newest row; a row that only lost to a loser stands', () => {
    const rows = [user('1', 1, 'a', null), user('2', 2, 'a', 'b'), user('3', 3, null, 'b')];
    expect(standing(table, rows).map(({ key }) => key)).toEqual(['3', '1']);
    expect(standing(table, [...rows].reverse()).map(({ key }) => key)).toEqual(['3', '1']);
  });

  it('are never NULL', () => {
    expect(standing(table, [user('1', 1, null, null), user('2', 2, null, null)])).toHaveLength(2);
  });

  it('bring a parked row back when they are free', () => {
    const draft = new Draft(new MemoryData(), 0);
    const context = { store: draft, actsFor: () => true, rules: RULES, tableOf, relatives, ask: () => undefined };
    for (const { key, stored: row } of [user('1', 1, 'a', null), user('2', 2, 'a', null)])
      draft.putRow('users', key, row);
    arrange(context, 'users', ['1', '2']);
    expect(draft.row('users', '1')?.parked).toBe(true);
    draft.removeRow('users', '2');
    arrange(context, 'users', []);
    expect(draft.row('users', '1')?.parked).toBe(false);
  });
});

describe('time', () => {
  it('is waited for until the clock is past, with an alarm above 500 ms and a refusal above the limit', () => {
    expect(clockWait(10, 10)).toEqual({ wait: 1, alarm: false, refuse: false });
    expect(clockWait(10, 11)).toEqual({ wait: 0, alarm: false, refuse: false });
    expect(clockWait(500_001, 0)).toEqual({ wait: 500_002, alarm: true, refuse: false });
    expect(clockWait(10_000_001, 0)).toMatchObject({ alarm: true, refuse: true });
    expect([mayOpen(5, 5), mayOpen(5, 6)]).toEqual([false, true]);
  });

  it('of tombstones ends when every stream is past them', () => {
    const arrived = new Map([
      [1, 7],
      [2, 5],
    ]);
    expect(horizonOf([1, 2], (peer) => arrived.get(peer))).toBe(5);
    expect(horizonOf([1, 2, 3], (peer) => arrived.get(peer))).toBe(-Infinity);
    expect([mayForget(4, 5, 0), mayForget(5, 5, 0), mayForget(4, 5)]).toEqual([true, false, false]);
    expect([mustBeRebuilt(0, 10, 10), mustBeRebuilt(0, 11, 10)]).toEqual([false, true]);
  });
});

describe('a copy for a new node', () => {
  it('waits until its source is past every slot', () => {
    expect(mayCopy(new Map([[1, 5]]), new Map([[1, 5]]))).toBe(true);
    expect(
      mayCopy(
        new Map([
          [1, 5],
          [2, 1],
        ]),
        new Map([[1, 9]]),
      ),
    ).toBe(false);
  });
});

describe('the list of conflicts', () => {
  it('has each rejected change once, with the newest winner', () => {
    const lost = (winner: number): Rejected => ({
      table: 't',
      key: 'k',
      loser: at(1),
      winner: at(winner, winner),
      lostTo: 'newer row',
      row: {},
    });
    expect(listed([lost(2), lost(4), lost(3)])).toEqual([lost(4)]);
  });
});
