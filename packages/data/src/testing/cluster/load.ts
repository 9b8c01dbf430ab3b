import type { Random } from './random.ts';

/** What all nodes have before anybody writes. Identity columns get a stride of their own per node (`strideOf`). */
export const TABLES = `
CREATE TABLE plain (id int PRIMARY KEY, v text, n int NOT NULL DEFAULT 0, twice int GENERATED ALWAYS AS (n * 2) STORED, big text);
ALTER TABLE plain ALTER big SET STORAGE EXTERNAL;
CREATE TABLE uniq (id int PRIMARY KEY, mail text UNIQUE, nick text UNIQUE);
CREATE TABLE odd (id int PRIMARY KEY, mail text, gone boolean NOT NULL DEFAULT false, n numeric UNIQUE);
CREATE UNIQUE INDEX odd_mail ON odd (lower(mail)) WHERE NOT gone;
CREATE TABLE bag (a int, b text);
ALTER TABLE bag REPLICA IDENTITY FULL;
CREATE TABLE wiped (id int PRIMARY KEY, v text);
CREATE TABLE made (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, v text);
CREATE TABLE parts (id int, part int, v text, PRIMARY KEY (id, part)) PARTITION BY LIST (part);
CREATE TABLE parts_0 PARTITION OF parts FOR VALUES IN (0);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES IN (1);
CREATE TABLE "Größe ""x""" ("Schlüssel 'k'" text, "select" timestamptz, "b" int[], PRIMARY KEY ("Schlüssel 'k'"));
`;

/** Keys of different nodes never collide. */
export const strideOf = (node: number): string =>
  `ALTER TABLE made ALTER id SET INCREMENT BY 16 SET START WITH ${String(node)} RESTART WITH ${String(node)}`;

type Statement = (random: Random, text: string) => string;

/** Few keys, so that all nodes write to the same. */
const KEYS = 60;
const key = (random: Random): string => String(random.below(KEYS));
const value = (random: Random): string => `'u${String(random.below(25))}'`;
const word = (random: Random): string => (random.chance(0.5) ? value(random) : value(random).toUpperCase());
/** Equal ones are written in several ways. */
const number = (random: Random): string => `${String(random.below(100))}${random.pick(['', '.0', '.00'])}`;
const HOSTILE = `"Größe ""x"""`;

/** Every kind of change with how often it is made; `text` is different each time. */
const KINDS: Readonly<Record<string, readonly (readonly [number, Statement])[]>> = {
  plain: [
    [6, (r, text) => `INSERT INTO plain VALUES (${key(r)}, ${text}, ${key(r)}) ON CONFLICT DO NOTHING`],
    [6, (r, text) => `UPDATE plain SET v = ${text}, n = n + 1 WHERE id = ${key(r)}`],
    [4, (r, text) => `INSERT INTO plain VALUES (${key(r)}, ${text}) ON CONFLICT (id) DO UPDATE SET v = excluded.v`],
    [4, (r) => `DELETE FROM plain WHERE id = ${key(r)}`],
    [1, (r, text) => `UPDATE plain SET v = ${text} WHERE id % 7 = ${String(r.below(7))}`],
    [2, (r, text) => `UPDATE plain SET big = repeat(${text}, 500) WHERE id = ${key(r)}`],
  ],
  keys: [[2, (r) => `UPDATE plain SET id = ${key(r)} WHERE id = ${key(r)}`]],
  made: [
    [2, (_, text) => `INSERT INTO made (v) VALUES (${text})`],
    [1, (r, text) => `UPDATE made SET v = ${text} WHERE id % 5 = ${String(r.below(5))} AND id < 200`],
    [1, (r) => `DELETE FROM made WHERE id % 11 = ${String(r.below(11))}`],
  ],
  parts: [
    [3, (r, text) => `INSERT INTO parts VALUES (${key(r)}, ${String(r.below(2))}, ${text}) ON CONFLICT DO NOTHING`],
    [2, (r) => `UPDATE parts SET part = 1 - part WHERE id = ${key(r)}`],
    [1, (r) => `DELETE FROM parts WHERE id = ${key(r)}`],
  ],
  hostile: [
    [
      2,
      (r, text) =>
        `INSERT INTO ${HOSTILE} VALUES ('k"' || ${key(r)}, clock_timestamp(), ARRAY[length(${text}), NULL]) ON CONFLICT DO NOTHING`,
    ],
    [2, (r) => `UPDATE ${HOSTILE} SET "select" = clock_timestamp() WHERE "Schlüssel 'k'" = 'k"' || ${key(r)}`],
    [1, (r) => `DELETE FROM ${HOSTILE} WHERE "Schlüssel 'k'" = 'k"' || ${key(r)}`],
  ],
  unique: [
    [4, (r) => `INSERT INTO uniq VALUES (${key(r)}, ${value(r)}, ${value(r)}) ON CONFLICT DO NOTHING`],
    [2, (r) => `UPDATE uniq SET mail = ${value(r)} WHERE id = ${key(r)}`],
    [1, (r) => `DELETE FROM uniq WHERE id = ${key(r)}`],
  ],
  odd: [
    [
      4,
      (r) =>
        `INSERT INTO odd VALUES (${key(r)}, ${word(r)}, ${String(r.chance(0.3))}, ${number(r)}) ON CONFLICT DO NOTHING`,
    ],
    [1, (r) => `UPDATE odd SET mail = ${word(r)}, n = NULL WHERE id = ${key(r)}`],
    [1, (r) => `UPDATE odd SET gone = NOT gone WHERE id = ${key(r)}`],
    [1, (r) => `DELETE FROM odd WHERE id = ${key(r)}`],
  ],
  bag: [
    [3, (r) => `INSERT INTO bag VALUES (${String(r.below(10))}, 'b')`],
    [
      1,
      (r) =>
        `UPDATE bag SET a = ${String(r.below(10))} WHERE ctid = (SELECT min(ctid) FROM bag WHERE a = ${String(r.below(10))})`,
    ],
    [1, (r) => `DELETE FROM bag WHERE ctid = (SELECT min(ctid) FROM bag WHERE a = ${String(r.below(10))})`],
  ],
  truncate: [
    [4, (r, text) => `INSERT INTO wiped VALUES (${key(r)}, ${text}) ON CONFLICT (id) DO UPDATE SET v = excluded.v`],
    [1, (r) => (r.chance(0.1) ? 'TRUNCATE wiped' : `DELETE FROM wiped WHERE id = ${key(r)}`)],
  ],
};

/** A kind of change; each has tables of its own, except `keys`, which is about `plain`. */
export type Kind = 'plain' | 'keys' | 'made' | 'parts' | 'hostile' | 'unique' | 'odd' | 'bag' | 'truncate';
export const ALL_KINDS: readonly Kind[] = [
  'plain',
  'keys',
  'made',
  'parts',
  'hostile',
  'unique',
  'odd',
  'bag',
  'truncate',
];

/** Swaps two values that only one row may have each: in one transaction by way of a third. */
const swap = (random: Random, text: string): readonly string[] => {
  const [a, b] = [key(random), key(random)];
  const third = `UPDATE uniq SET mail = ${text} WHERE id = ${a}`;
  return [
    `SELECT set_config('load.a', coalesce((SELECT mail FROM uniq WHERE id = ${a}), ''), true), set_config('load.b', coalesce((SELECT mail FROM uniq WHERE id = ${b}), ''), true)`,
    third,
    `UPDATE uniq SET mail = nullif(current_setting('load.a'), '') WHERE id = ${b}`,
    `UPDATE uniq SET mail = nullif(current_setting('load.b'), '') WHERE id = ${a}`,
  ];
};

/** The statements of one transaction. */
export function transaction(random: Random, kinds: readonly Kind[], text: string): readonly string[] {
  if (kinds.includes('unique') && random.chance(0.05)) return swap(random, text);
  const count = random.chance(0.3) ? random.between(2, 6) : 1;
  const all = kinds.flatMap((kind) => KINDS[kind] ?? []);
  return Array.from({ length: count }, () => weighted(random, all)(random, text));
}

function weighted(random: Random, list: readonly (readonly [number, Statement])[]): Statement {
  let left = random.below(list.reduce((sum, [weight]) => sum + weight, 0));
  const found = list.find(([weight]) => (left -= weight) < 0) ?? list[0];
  if (!found) throw new Error('no kind of change');
  return found[1];
}
