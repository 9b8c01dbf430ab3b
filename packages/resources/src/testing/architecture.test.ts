import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as enginesOwn from '../engine/records.ts';
import { entityRecords, referenceRecords } from '../entity/index.ts';
import * as ofHosts from '../platform/records/index.ts';
import * as ofDatabases from '../postgres/records/index.ts';
import * as audit from '../audit/index.ts';
import { Collection } from '../store/collection.ts';
import { keys } from '../store/keys.ts';
import * as ofKeys from '../store/secrets/key-records.ts';
import { portHolders } from '../store/port-reservations.ts';
import { outboxEntries } from '../tasks/outbox.ts';
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
  [...page.matchAll(/^\| `([a-z0-9/-]+)` +\|[^|]*\| ([^|]*?) +\|$/gm)].map((m) => [m[1] ?? '', m[2] ?? ''] as const),
);

const collections = [
  ...Object.values<unknown>({ ...enginesOwn, ...ofHosts, ...ofDatabases, ...tasks, ...audit, ...ofKeys }),
  ...[entityRecords('gadget'), referenceRecords, portHolders, outboxEntries],
]
  .filter((one) => one instanceof Collection)
  .filter(({ prefix }) => prefix !== ofKeys.masterKeyRecords.prefix);
/** The first part of every key that has more, and `idempotency`, which the server alone knows. */
const families = new Set([...collections.map((one) => one.prefix), keys.secret(''), 'idempotency'].map(firstPart));
/** Those that are the only one of their sort. */
const single = [keys.schema, keys.schemaLock, keys.cluster, ofKeys.masterKeyRecords.key()];

function firstPart(key: string): string {
  return key.split('/')[0] ?? '';
}

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

  it.each([...families, ...single])('names the keys %s', (family) => {
    expect(page).toMatch(new RegExp(`^\\| \`${family}[/\`]`, 'm'));
  });
});

it('lint knows every key by its first part', () => {
  const [, known = ''] = /const STORED =\n([^;]*);/.exec(read('eslint.config.js')) ?? [];
  expect([...known.matchAll(/[a-z]+(?:-[a-z]+)*/g)].map(([word]) => word).sort()).toEqual([...families].sort());
});

/** What knows entities and no kind of them. */
const CORE = [
  ...['api', 'errors', 'store', 'engine', 'entity', 'tasks', 'watcher'].map((room) => `${SRC}/${room}`),
  ...['packages/activities', 'packages/workflows', 'apps/server'].map((workspace) => `${workspace}/src/core`),
  'apps/server/src/entities',
];
/** They read what was stored under that name. */
const STORED_SO = ['entity/leave-on-host.ts', 'entity/migrate-resources.ts', 'tasks/older-outbox-entry.ts'];

it('the core knows no databaseId but where one was stored', () => {
  const files = CORE.flatMap((folder) =>
    readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => /(?<!\.w?test)\.ts$/.test(file))
      .map((file) => `${folder}/${file}`),
  );
  const found = files.filter((file) => read(file).includes('databaseId'));
  expect(found.sort()).toEqual(STORED_SO.map((file) => `${SRC}/${file}`));
});
