import { changeInstance, PRIMARY, REPLICA } from '../contract-world.ts';
import type { Fixture } from '../fixture.ts';
import { BAD, busy, db, of, working } from './case.ts';

const instance = `${db}/instances/${PRIMARY}`;
const none = `${db}/instances/shop-n1-none`;
const stopped = (f: Fixture) => changeInstance(f, PRIMARY, { container: 'stopped', writable: false, role: undefined });

const ofNode = (operation: 'switchover' | 'failover') => {
  const url = `${db}/nodes/n1/${operation}`;
  return of(
    `${operation}-database-node`,
    ['to whom it likes', ['POST', url, {}], ['task']],
    ['to a candidate', ['POST', url, { candidate_instance_id: REPLICA }], ['task']],
    ['a bad id', ['POST', `/v1/databases/${BAD}/nodes/n1/${operation}`, {}], 'invalid_input'],
    ['an unknown database', ['POST', `/v1/databases/none/nodes/n1/${operation}`, {}], 'not_found'],
    ['an unknown candidate', ['POST', url, { candidate_instance_id: 'shop-n1-none' }], 'not_found'],
    ['one that is busy', ['POST', url, {}], 'database_not_modifiable', busy],
    ['one on which an operation runs', ['POST', url, {}], 'operation_already_in_progress', working],
  );
};

export const operations = [
  ...ofNode('switchover'),
  ...of('switchover-database-node', ['in the past', ['POST', `${db}/nodes/n1/switchover`, { scheduled_at: '2020-01-01T00:00:00Z' }], 'invalid_input']), // prettier-ignore
  ...ofNode('failover'),
  ...of(
    'restart-instance',
    ['one that runs', ['POST', `${instance}/restart`, {}], ['task']],
    ['one that is stopped', ['POST', `${instance}/restart`, {}], 'invalid_input', stopped],
    [
      'one that is not there',
      ['POST', `${none}/restart`, {}],
      'not_found',
      undefined,
      { message: 'instance not found' },
    ],
  ),
  ...of(
    'stop-instance',
    ['one that runs', ['POST', `${instance}/stop-instance?force=false`], ['task']],
    ['one that is stopped', ['POST', `${instance}/stop-instance`], 'invalid_input', stopped],
    ['one that is not there', ['POST', `${none}/stop-instance`], 'not_found'],
    ['of a busy database', ['POST', `${instance}/stop-instance`], 'database_not_modifiable', busy],
  ),
  ...of(
    'start-instance',
    ['one that is stopped', ['POST', `${instance}/start-instance`], ['task'], stopped],
    ['one that runs', ['POST', `${instance}/start-instance`], 'invalid_input'],
    ['one that is not there', ['POST', `${none}/start-instance`], 'not_found'],
    ['of a busy database', ['POST', `${instance}/start-instance`], 'database_not_modifiable', busy],
  ),
];
