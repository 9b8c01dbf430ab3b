import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openFiles } from '../../platform/clients/files.ts';
import { placeOfTablespace, removeDataDirectory, removeEmptyTablespaces } from './tablespaces.ts';

const INSTANCE = 'shop-n1-689qacsi';
const owner = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
let root: string;
const data = (...parts: string[]): string => path.join(root, 'instances', INSTANCE, 'data', ...parts);
const relative = (name: string): string => `instances/${INSTANCE}/data/${name}`;
const left = (): string[] => readdirSync(data()).sort();
const remove = (name: string, key?: string) =>
  removeDataDirectory(openFiles(root, owner), { instanceId: INSTANCE, directory: relative(name), ...(key && { key }) });

/** A data directory whose tablespaces are at these places of the container. */
function dataDirectory(name: string, ...tablespaces: string[]): void {
  mkdirSync(data(name, 'pg_tblspc'), { recursive: true });
  tablespaces.forEach((place, i) => symlinkSync(place, data(name, 'pg_tblspc', String(16384 + i))));
}
function tablespace(place: string): void {
  mkdirSync(data(place, 'PG_17_202406281', '5'), { recursive: true });
  writeFileSync(data(place, 'PG_17_202406281', '5', '16390'), 'page');
}

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'tablespaces-'));
  mkdirSync(data(), { recursive: true });
});
afterEach(() => rmSync(root, { recursive: true }));

test.each([
  '/windlass/data/fast',
  '/windlass/data/a/b/',
  '/windlass/data/x/../fast',
  '/windlass/data/tablespaces.k/16384',
])('%s is a place of its own', (inside) =>
  expect(placeOfTablespace(INSTANCE, inside)).toMatch(/^instances\/shop-n1-689qacsi\/data\/(fast|a\/b|tab)/),
);
test.each([
  '/windlass/data',
  '/windlass/database',
  '/tmp/fast',
  '/windlass/data/../config/x',
  '/windlass/data/pgdata/ts',
  '/windlass/data/pgdata.before-x/ts',
  '/windlass/data/restore-x',
  '/windlass/data/pgbackrest/x',
  'fast',
])(
  // prettier-ignore
  '%s is none',
  (inside) => expect(placeOfTablespace(INSTANCE, inside)).toBeUndefined(),
);

test('what was kept goes with its tablespaces, and what the data uses stays', async () => {
  for (const place of ['fast', 'slow', 'tablespaces.k/16384']) tablespace(place);
  writeFileSync(data('slow', 'notes'), 'of somebody');
  dataDirectory('pgdata', '/windlass/data/tablespaces.k/16384');
  dataDirectory('pgdata.before-k', '/windlass/data/fast', '/windlass/data/slow', '/tmp/elsewhere');
  await remove('pgdata.before-k');
  expect([left(), readdirSync(data('slow'))]).toEqual([['pgdata', 'slow', 'tablespaces.k'], ['notes']]);
});

test('all that one restore made goes when the data it was made for goes', async () => {
  tablespace('tablespaces.k/16384');
  tablespace('tablespaces.k/made/late');
  dataDirectory('pgdata.before-l', '/windlass/data/tablespaces.k/16384', '/windlass/data/tablespaces.k/made/late');
  await remove('pgdata.before-l');
  expect(left()).toEqual([]);
  await remove('pgdata.before-l');
});

test('a copy that is given up goes with what was made for it, also before it had links', async () => {
  tablespace('tablespaces.k/16384');
  tablespace('fast');
  dataDirectory('pgdata', '/windlass/data/fast');
  dataDirectory('pgdata.k');
  await remove('pgdata.k', 'k');
  expect(left()).toEqual(['fast', 'pgdata']);
});

test('nothing that a data directory shares with another one is removed', async () => {
  tablespace('fast');
  dataDirectory('pgdata', '/windlass/data/fast');
  dataDirectory('pgdata.k', '/windlass/data/fast');
  await remove('pgdata.k', 'k');
  expect(left()).toEqual(['fast', 'pgdata']);
});

test('after the swap only what is empty goes', async () => {
  const files = openFiles(root, owner);
  mkdirSync(data('tablespaces.k', 'made', 'pgdata.k'), { recursive: true });
  tablespace('tablespaces.k/16384');
  await removeEmptyTablespaces(files, INSTANCE, 'k');
  expect(readdirSync(data('tablespaces.k'))).toEqual(['16384']);
  mkdirSync(data('tablespaces.l', 'made', 'restore-l'), { recursive: true });
  await removeEmptyTablespaces(files, INSTANCE, 'l');
  expect(left()).toEqual(['tablespaces.k']);
});

test('what lies behind a link that somebody made is not removed', async () => {
  const outside = mkdtempSync(path.join(tmpdir(), 'outside-'));
  mkdirSync(path.join(outside, 'ts', 'PG_17_202406281'), { recursive: true });
  symlinkSync(outside, data('link'));
  dataDirectory('pgdata.before-k', '/windlass/data/link/ts');
  await remove('pgdata.before-k');
  expect([readdirSync(path.join(outside, 'ts')), left()]).toEqual([['PG_17_202406281'], ['link']]);
  await expect(openFiles(root, owner).removeTree(relative('link/ts'))).rejects.toThrow('is a symbolic link');
  rmSync(outside, { recursive: true });
});
