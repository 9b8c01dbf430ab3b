import { BAD, busy, of } from './case.ts';

const HOST_KEYS = ['client_addresses', 'cohort', 'cpus', 'data_dir', 'default_pgedge_version', 'etcd_mode', 'id', 'memory', 'orchestrator', 'peer_addresses', 'status', 'supported_pgedge_versions']; // prettier-ignore

export const hosts = [
  ...of('list-hosts', ['any time', ['GET', '/v1/hosts'], ['hosts']]),
  ...of(
    'get-host',
    ['one that is there', ['GET', '/v1/hosts/host-1'], HOST_KEYS],
    ['a bad id', ['GET', `/v1/hosts/${BAD}`], 'invalid_input'],
    ['one that is not there', ['GET', '/v1/hosts/host-9'], 'not_found'],
  ),
  ...of(
    'remove-host',
    ['an empty one', ['DELETE', '/v1/hosts/host-3'], ['task', 'update_database_tasks']],
    ['one that carries instances, by force', ['DELETE', '/v1/hosts/host-2?force=true'], ['task', 'update_database_tasks']], // prettier-ignore
    ['a bad id', ['DELETE', `/v1/hosts/${BAD}`], 'invalid_input'],
    ['one that carries instances', ['DELETE', '/v1/hosts/host-2'], 'invalid_input', undefined, { message: 'cannot remove host with running instances' }], // prettier-ignore
    ['its own', ['DELETE', '/v1/hosts/host-3'], 'invalid_input', undefined, { deps: { hostId: 'host-3' }, message: 'a host cannot remove itself from the cluster' }], // prettier-ignore
    ['one that is not there', ['DELETE', '/v1/hosts/host-9'], 'not_found', undefined, { message: 'no host found with the given ID' }], // prettier-ignore
    ['one whose database is busy', ['DELETE', '/v1/hosts/host-2?force=true'], 'database_not_modifiable', busy],
  ),
];
