import { DomainError } from '@windlass/resources/errors';
import { keys } from '@windlass/resources/store';
import type { ServerDeps } from '../../core/deps.ts';
import type { Fixture } from '../fixture.ts';
import { BAD, of } from './case.ts';

const token = `PGEDGE-${'0'.repeat(64)}-${'0'.repeat(32)}`;
const joinRequest = { token, host_id: 'host-9', addresses: ['192.0.2.9'], embedded_etcd_enabled: false };
const joinToken = { token, server_urls: ['https://192.0.2.1:3000'] };

const uninitialise = (f: Fixture) => f.kv.commit([], [{ remove: keys.cluster }]);
const withJoin = (join: ServerDeps['join']) => ({ deps: { join } });

export const cluster = [
  ...of(
    'init-cluster',
    ['a new cluster', ['GET', '/v1/cluster/init?cluster_id=c9'], ['server_urls', 'token'], uninitialise],
    ['a second time', ['GET', '/v1/cluster/init'], 'cluster_already_initialized'],
    ['a bad id', ['GET', `/v1/cluster/init?cluster_id=${BAD}`], 'invalid_input', uninitialise],
    ['without an etcd of its own', ['GET', '/v1/cluster/init'], 'operation_not_supported', uninitialise, withJoin(() => Promise.resolve())], // prettier-ignore
  ),
  ...of(
    'join-cluster',
    ['a cluster', ['POST', '/v1/cluster/join', joinToken], [], uninitialise, { ...withJoin(() => Promise.resolve()), answer: { keys: [], status: 204 } }], // prettier-ignore
    ['a second time', ['POST', '/v1/cluster/join', joinToken], 'cluster_already_initialized'],
    ['a token the other refuses', ['POST', '/v1/cluster/join', joinToken], 'invalid_join_token', uninitialise, withJoin(() => Promise.reject(new DomainError('invalid_join_token')))], // prettier-ignore
    ['with an etcd of its own', ['POST', '/v1/cluster/join', joinToken], 'invalid_input', uninitialise],
  ),
  ...of('get-join-token', ['any time', ['GET', '/v1/cluster/join-token'], ['server_urls', 'token']]),
  ...of(
    'get-join-options',
    ['a token nobody gave', ['POST', '/v1/internal/cluster/join-options', joinRequest], 'invalid_join_token'],
    ['a host that is there', ['POST', '/v1/internal/cluster/join-options', { ...joinRequest, host_id: 'host-1' }], 'invalid_input', undefined, { freshToken: true }], // prettier-ignore
    ['a good token', ['POST', '/v1/internal/cluster/join-options', joinRequest], ['credentials', 'leader', 'windlass'], undefined, { freshToken: true }], // prettier-ignore
  ),
  ...of('get-cluster', ['any time', ['GET', '/v1/cluster'], ['hosts', 'id', 'status']]),
];
