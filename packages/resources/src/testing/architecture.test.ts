import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as enginesOwn from '../engine/records.ts';
import * as ofHosts from '../platform/records/index.ts';
import * as ofDatabases from '../postgres/records/index.ts';
import { Collection } from '../store/collection.ts';
import { keys } from '../store/keys.ts';
import * as tasks from '../tasks/records.ts';

const root = path.join(import.meta.dirname, '../../../..');
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');
const page = read('docs/architecture.md');
const rooms = JSON.parse(read('docs/rooms.json')) as Record<string, readonly string[]>;

const foldersIn = (folder: string): string[] =>
  readdirSync(path.join(root, folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => `${folder}/${entry.name}`);
/** What is a workspace of its own, but for the one whose folders are rooms. */
const workspaces = ['packages', 'apps']
  .flatMap(foldersIn)
  .filter((folder) => folder !== 'packages/resources' && existsSync(path.join(root, folder, 'package.json')));
const SRC = 'packages/resources/src';
/** Their folders are rooms. */
const DOMAINS = ['platform', 'postgres'].map((domain) => `${SRC}/${domain}`);
const ROOMS = [
  ...foldersIn(SRC).flatMap((folder) => (DOMAINS.includes(folder) ? foldersIn(folder) : [folder])),
  ...workspaces,
  'e2e',
];
/** As docs/rooms.json calls it. */
const nameOf = (folder: string): string =>
  folder.startsWith(`${SRC}/`) ? folder.slice(SRC.length + 1) : path.basename(folder);

/** The rows of the table of rooms: folder and what it may import. */
const rows = new Map(
  [...page.matchAll(/^\| `([a-z0-9/]+)` +\|[^|]*\| ([^|]*?) +\|$/gm)].map((m) => [m[1] ?? '', m[2] ?? ''] as const),
);

/** The first part of every key. */
const families = new Set(
  Object.values<unknown>({ ...keys, ...enginesOwn, ...ofHosts, ...ofDatabases, ...tasks }).flatMap((one) => {
    if (one instanceof Collection) return [one.prefix];
    const made = typeof one === 'function' ? (one as (...parts: string[]) => string)('a', 'b', 'c', 'd') : one;
    return typeof made === 'string' ? [made.split('/')[0] ?? ''] : [];
  }),
);

describe('docs/architecture.md', () => {
  it('names every room, and no other', () => {
    expect([...rows.keys()].sort()).toEqual([...ROOMS].sort());
  });

  it.each(Object.entries(rooms))('says of %s what the rules say', (room, allowed) => {
    const folder = ROOMS.find((one) => nameOf(one) === room) ?? '';
    expect(rows.get(folder)).toBe(allowed.join(', ') || 'nothing');
  });

  it('has a rule for every room that may not import all', () => {
    const free = [...rows].filter(([, imports]) => imports === 'all').map(([folder]) => nameOf(folder));
    expect([...Object.keys(rooms), ...free, 'e2e'].sort()).toEqual(ROOMS.map(nameOf).sort());
  });

  it.each([...families])('names the keys %s', (family) => {
    expect(page).toMatch(new RegExp(`^\\| \`${family}[/\`]`, 'm'));
  });
});
