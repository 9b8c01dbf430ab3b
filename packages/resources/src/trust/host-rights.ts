import { keys } from '../store/keys.ts';
import type { Right } from './accounts.ts';

const OURS = '/windlass/';

/**
 * What the worker of a host needs in etcd: to do steps for any database, and to tell about itself. It cannot read tokens
 * or members, change what is declared, tell about another host, or make accounts.
 */
export function hostRights(hostId: string): readonly Right[] {
  const read = [
    keys.host(''),
    keys.database(''),
    keys.spec(''),
    'plans/',
    keys.proposal(''),
    'restores/',
    keys.removal(),
    // Every transaction begins with a comparison of this key, which never exists.
    '\0never',
    keys.cluster,
  ];
  const write = [
    'resources/',
    'instance-status/',
    keys.tasks('database'),
    'task-logs/',
    keys.secret('database/'),
    keys.secret('backups/'),
    keys.secret('swarm/'),
    keys.ports(hostId),
    keys.leftovers(hostId),
    'backup-catalogues/',
    'backup-checks/',
    keys.swaps(),
  ];
  return [
    ...read.map((prefix): Right => ({ permission: 'Read', prefix: OURS + prefix })),
    ...write.map((prefix): Right => ({ permission: 'Readwrite', prefix: OURS + prefix })),
    { permission: 'Read', key: OURS + keys.schema },
    { permission: 'Readwrite', key: OURS + keys.host(hostId) },
    { permission: 'Readwrite', key: OURS + keys.heartbeat(hostId) },
    { permission: 'Readwrite', prefix: '/patroni/' },
  ];
}
