import * as ofDatabases from '../../postgres/records/index.ts';
import * as ofHosts from '../records/index.ts';
import { ENTITIES } from '../../entity/index.ts';
import * as audit from '../../audit/index.ts';
import { Collection } from '../../store/collection.ts';
import { keys } from '../../store/keys.ts';
import * as ofKeys from '../../store/secrets/key-records.ts';
import { portHolders } from '../../store/port-reservations.ts';
import * as tasks from '../../tasks/records.ts';
import { hostRights } from './host-rights.ts';

/** What a host has no business with. */
const NOT_FOR_HOSTS = [
  'api-tokens',
  'api-token-uses',
  'join-tokens',
  'members',
  'takeovers',
  'outbox',
  'backup-schedules',
  'drains',
  'kept-backups',
  'audit',
  'audit-marks',
  'wrapped-keys',
  'master-key',
  'master-key-holders',
];

const granted = (key: string) =>
  hostRights('x').filter(
    (right) => right.key === `/windlass/${key}` || `/windlass/${key}`.startsWith(right.prefix ?? '\0'),
  );
const prefixes = Object.values<unknown>({ ...ofDatabases, ...ofHosts, ...tasks, ...audit, ...ofKeys }).flatMap((one) =>
  one instanceof Collection ? [one.prefix] : [],
);
const ONE_PART = ['hosts', 'heartbeats'];
/** A key of each sort, about the host `x`. */
const exampleOf = (prefix: string): string => {
  if (prefix === 'master-key') return prefix;
  if (prefix === 'tasks') return 'tasks/database/x/x';
  return ONE_PART.includes(prefix) ? `${prefix}/x` : `${prefix}/x/x/x`;
};

test.each([...new Set(prefixes)])('%s are for hosts, or expressly not', (prefix) => {
  expect(granted(exampleOf(prefix)).length > 0).toBe(!NOT_FOR_HOSTS.includes(prefix));
});

test('the rights are those that accounts of hosts were given already: other ones have to be renewed in etcd', () => {
  const short = hostRights('x').map(({ permission, key, prefix }) => `${permission} ${key ?? `${String(prefix)}*`}`);
  expect(short.map((right) => right.replace('/windlass/', ''))).toEqual([
    ...['hosts/*', 'databases/*', 'specs/*', 'plans/*', 'proposals/*', 'restores/*', 'removals/*'].map((one) => `Read ${one}`),
    ...['\0never*', 'cluster*'].map((one) => `Read ${one}`),
    ...['resources/*', 'instance-status/*', 'tasks/database/*', 'task-logs/*'].map((one) => `Readwrite ${one}`),
    ...['secrets/database/*', 'secrets/backups/*'].map((one) => `Readwrite ${one}`),
    'Read data-keys/*',
    ...['ports/x/*', 'leftovers/x/*', 'audit-intents/x/*'].map((one) => `Readwrite ${one}`),
    ...['backup-catalogues/*', 'backup-checks/*', 'swaps/*', 'comparisons/*', 'comparison-wishes/*', 'hosts/x', 'heartbeats/x'].map((one) => `Readwrite ${one}`),
    'Read schema',
    'Readwrite /patroni/*',
  ]); // prettier-ignore
});

test('a host does the steps of every kind of which something is kept: it reads who owns one, and tells how far the task is', () => {
  for (const { kind, records } of ENTITIES) {
    expect(granted(tasks.taskRecords.key(kind, 'x', 'x'))).toMatchObject(records ? [{ permission: 'Readwrite' }] : []);
    if (records) expect(granted(records.key('x'))).toMatchObject([{ permission: 'Read' }]);
  }
});

test('secrets are those of databases and of their backups', () => {
  expect(granted(keys.secret('backups/shop/1'))).toMatchObject([{ permission: 'Readwrite' }]);
  expect(granted(keys.secret('database/shop/user/app'))).toMatchObject([{ permission: 'Readwrite' }]);
  expect(granted(keys.secret('swarm/join'))).toEqual([]);
  expect(granted(keys.secret('cluster/x'))).toEqual([]);
});

test('of others it only reads', () => {
  expect(granted(ofHosts.hostRecords.key('y'))).toMatchObject([{ permission: 'Read' }]);
  expect(granted(portHolders.key('y', '1'))).toEqual([]);
  expect(granted(audit.auditIntents.key('y', '1'))).toEqual([]);
  expect(granted(audit.auditIntents.key(audit.BY_SERVERS, '1'))).toEqual([]);
});
