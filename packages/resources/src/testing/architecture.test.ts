import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as records from '../postgres/records/index.ts';
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
const ROOMS = [...foldersIn('packages/resources/src'), ...workspaces, 'e2e'];

/** The rows of the table of rooms: folder and what it may import. */
const rows = new Map(
  [...page.matchAll(/^\| `([a-z0-9/]+)` +\|[^|]*\| ([^|]*?) +\|$/gm)].map((m) => [m[1] ?? '', m[2] ?? ''] as const),
);

/** The first part of every key. */
const families = new Set(
  Object.values<unknown>({ ...keys, ...records, ...tasks }).flatMap((one) => {
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
    const folder = ROOMS.find((one) => path.basename(one) === room) ?? '';
    expect(rows.get(folder)).toBe(allowed.join(', ') || 'nothing');
  });

  it('has a rule for every room that may not import all', () => {
    const free = [...rows].filter(([, imports]) => imports === 'all').map(([folder]) => path.basename(folder));
    expect([...Object.keys(rooms), ...free, 'e2e'].sort()).toEqual(ROOMS.map((one) => path.basename(one)).sort());
  });

  it.each([...families])('names the keys %s', (family) => {
    expect(page).toMatch(new RegExp(`^\\| \`${family}[/\`]`, 'm'));
  });
});
