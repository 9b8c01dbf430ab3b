import { taskRecords, type TaskRecord } from '@windlass/resources/tasks';
import { TASK } from '../contract-world.ts';
import type { Fixture } from '../fixture.ts';
import { BAD, db, of, OTHER_TASK } from './case.ts';

const running = async (f: Fixture) => {
  const key = taskRecords.key('database', 'shop', TASK);
  const task = (await f.kv.get(key))?.value as TaskRecord;
  await f.kv.commit([], [{ put: key, value: { ...task, status: 'running', completedAt: undefined } }]);
};

const TASK_KEYS = ['created_at', 'database_id', 'entity_id', 'scope', 'status', 'task_id', 'type'];
const LOG_KEYS = ['entity_id', 'entries', 'last_entry_id', 'scope', 'task_id', 'task_status'];

const tasksOf = (scope: 'database' | 'host', base: string, log: string, unknown: string) => [
  ...of(
    `list-${scope}-tasks`,
    ['any time', ['GET', `${base}/tasks?limit=1&sort_order=ascending`], ['tasks']],
    ['of nothing', ['GET', `${unknown}/tasks`], ['tasks']],
    ['a bad id', ['GET', `/v1/${scope}s/${BAD}/tasks`], 'invalid_input'],
  ),
  ...of(
    `get-${scope}-task`,
    ['one that is there', ['GET', `${base}/tasks/${TASK}`], [...TASK_KEYS.filter((k) => scope === 'database' || k !== 'database_id'), 'completed_at']], // prettier-ignore
    ['a bad id', ['GET', `/v1/${scope}s/${BAD}/tasks/${TASK}`], 'invalid_input'],
    ['one that is not there', ['GET', `${base}/tasks/${OTHER_TASK}`], 'not_found', undefined, { message: 'no task found with the given ID' }], // prettier-ignore
    ['of nothing', ['GET', `${unknown}/tasks/${TASK}`], 'not_found'],
  ),
  ...of(
    `get-${scope}-task-log`,
    ['one that is there', ['GET', `${base}/tasks/${TASK}/${log}?limit=1`], [...LOG_KEYS, ...(scope === 'database' ? ['database_id'] : [])]], // prettier-ignore
    ['a bad id', ['GET', `/v1/${scope}s/${BAD}/tasks/${TASK}/${log}`], 'invalid_input'],
    ['one that is not there', ['GET', `${base}/tasks/${OTHER_TASK}/${log}`], 'not_found'],
  ),
];

export const tasks = [
  ...tasksOf('database', db, 'log', '/v1/databases/none'),
  ...tasksOf('host', '/v1/hosts/host-1', 'logs', '/v1/hosts/host-9'),
  ...of(
    'cancel-database-task',
    ['one that runs', ['GET', `${db}/tasks/${TASK}/cancel`], TASK_KEYS, running],
    ['one that has ended', ['GET', `${db}/tasks/${TASK}/cancel`], 'invalid_input', undefined, { message: 'task must be running or pending to be cancelled' }], // prettier-ignore
    ['one that is not there', ['GET', `${db}/tasks/${OTHER_TASK}/cancel`], 'invalid_input', undefined, { message: 'task is not associated with database ' }], // prettier-ignore
    ['what is no id of a task', ['GET', `${db}/tasks/seven/cancel`], 'invalid_input'],
    ['a bad id', ['GET', `/v1/databases/${BAD}/tasks/${TASK}/cancel`], 'invalid_input'],
  ),
  ...of(
    'list-tasks',
    ['of everything', ['GET', '/v1/tasks'], ['tasks']],
    ['of one entity', ['GET', '/v1/tasks?scope=database&entity_id=shop'], ['tasks']],
    ['of an entity of no scope', ['GET', '/v1/tasks?entity_id=shop'], 'invalid_input', undefined, { message: 'entity_id requires scope to be set' }], // prettier-ignore
  ),
  ...of(
    'get-task',
    ['one that is there', ['GET', `/v1/tasks/${TASK}`], [...TASK_KEYS, 'completed_at']],
    ['one that is not there', ['GET', `/v1/tasks/${OTHER_TASK}`], 'not_found'],
  ),
  ...of('get-version', ['any time', ['GET', '/v1/version'], ['arch', 'revision', 'revision_time', 'version']]),
];
