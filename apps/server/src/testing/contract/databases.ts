import { hostRecords } from '@windlass/resources/platform/records';
import { hostNow, shopSpec, type Fixture } from '../fixture.ts';
import { BAD, busy, db, of, working } from './case.ts';

const update = { spec: { ...shopSpec, nodes: [{ name: 'n1', host_ids: ['host-1', 'host-2'] }] } };
const invalidSpec = { spec: { ...shopSpec, nodes: [{ name: 'n1', host_ids: ['host-9'] }] } };

export const databases = [
  ...of('list-databases', ['any time', ['GET', '/v1/databases'], ['databases']]),
  ...of(
    'create-database',
    ['a new one', ['POST', '/v1/databases', { id: 'bank', spec: shopSpec }], ['database', 'task']],
    ['one that is there', ['POST', '/v1/databases', { id: 'shop', spec: shopSpec }], 'database_already_exists'],
    ['a bad id', ['POST', '/v1/databases', { id: BAD, spec: shopSpec }], 'invalid_input'],
    ['an unknown host', ['POST', '/v1/databases', invalidSpec], 'invalid_input', undefined, { message: 'failed to validate database spec: got invalid host ids: host-9' }], // prettier-ignore
  ),
  ...of(
    'get-database',
    ['one that is there', ['GET', db], ['created_at', 'id', 'instances', 'nodes', 'revision', 'spec', 'state', 'updated_at']], // prettier-ignore
    ['a bad id', ['GET', `/v1/databases/${BAD}`], 'invalid_input'],
    ['one that is not there', ['GET', '/v1/databases/none'], 'not_found', undefined, { message: 'database not found' }],
  ),
  ...of(
    'update-database',
    ['a change', ['POST', `${db}?force_update=true&remove_host=host-3`, update], ['database', 'task']],
    ['a bad id', ['POST', `/v1/databases/${BAD}`, update], 'invalid_input'],
    ['an unknown host, also while busy', ['POST', db, invalidSpec], 'invalid_input', busy],
    ['another name', ['POST', db, { spec: { ...update.spec, database_name: 'other' } }], 'invalid_input'],
    ['one that is not there', ['POST', '/v1/databases/none', update], 'not_found'],
    ['one that is busy', ['POST', db, update], 'database_not_modifiable', busy],
    ['one on which an operation runs', ['POST', db, update], 'operation_already_in_progress', working],
  ),
  ...of(
    'delete-database',
    ['one that is there', ['DELETE', db], ['task']],
    ['by force while busy', ['DELETE', `${db}?force=true`], ['task'], busy],
    ['a bad id', ['DELETE', `/v1/databases/${BAD}`], 'invalid_input'],
    ['one that is not there', ['DELETE', '/v1/databases/none'], 'not_found'],
    ['one that is busy', ['DELETE', db], 'database_not_modifiable', busy],
    ['one on which an operation runs', ['DELETE', db], 'operation_already_in_progress', working],
  ),
];

const upgrade = { image: 'windlass/postgres:17.10' };
const newerImage = async (f: Fixture) => {
  const images = [
    { postgresVersion: '17.10', id: 'sha256:2', references: ['windlass/postgres:17.10'] },
    { postgresVersion: '17.6', id: 'sha256:1', references: ['windlass/postgres:17.6'] },
  ];
  for (const id of ['host-1', 'host-2'])
    await f.kv.commit([], [{ put: hostRecords.key(id), value: hostNow({ id, images }) }]);
};

export const upgrades = of(
  'apply-upgrade',
  ['a newer image', ['POST', `${db}/upgrade`, upgrade], ['database', 'task'], newerImage],
  ['a bad id', ['POST', `/v1/databases/${BAD}/upgrade`, upgrade], 'invalid_input'],
  ['an image no host has', ['POST', `${db}/upgrade`, upgrade], 'invalid_input', undefined, { message: 'upgrade not available: image not found in manifest: windlass/postgres:17.10' }], // prettier-ignore
  ['of a database that is not there', ['POST', '/v1/databases/none/upgrade', upgrade], 'not_found'],
  ['of one that is busy', ['POST', `${db}/upgrade`, upgrade], 'database_not_modifiable', busy],
  ['of one on which an operation runs', ['POST', `${db}/upgrade`, upgrade], 'operation_already_in_progress', working],
);
