import { keys } from '../store/keys.ts';
import { hostRights } from './host-rights.ts';

/** What a host has no business with. */
const NOT_FOR_HOSTS = [
  'schemaLock',
  'joinToken',
  'member',
  'members',
  'takeover',
  'takeovers',
  'nodeTask',
  'outbox',
  'idempotency',
  'schedule',
  'schedules',
  'keptBackups',
];

const granted = (key: string) =>
  hostRights('x').filter(
    (right) => right.key === `/windlass/${key}` || `/windlass/${key}`.startsWith(right.prefix ?? '\0'),
  );
/** A key of each kind, about the host `x`. */
const exampleOf = (name: string, make: (typeof keys)[keyof typeof keys]): string =>
  typeof make === 'string' ? make : make((name.startsWith('task') ? 'database' : 'x') as never, 'x' as never, 'x' as never, 'x'); // prettier-ignore
const examples = Object.entries(keys).map(([name, make]) => [name, exampleOf(name, make)] as const);
const secret = (name: string) => name === 'secret';

test.each(examples.filter(([name]) => !secret(name)))('%s is for hosts, or expressly not', (name, key) => {
  expect(granted(key).length > 0).toBe(!NOT_FOR_HOSTS.includes(name));
});

test('secrets are those of databases, of their backups and of the swarm', () => {
  expect(granted(keys.secret('backups/shop/1'))).toMatchObject([{ permission: 'Readwrite' }]);
  expect(granted(keys.secret('database/shop/user/app'))).toMatchObject([{ permission: 'Readwrite' }]);
  expect(granted(keys.secret('swarm/join'))).toMatchObject([{ permission: 'Readwrite' }]);
  expect(granted(keys.secret('cluster/x'))).toEqual([]);
});

test('of others it only reads', () => {
  expect(granted(keys.host('y'))).toMatchObject([{ permission: 'Read' }]);
  expect(granted(keys.ports('y'))).toEqual([]);
});
