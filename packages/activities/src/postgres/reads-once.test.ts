import { loadSqlParser } from '@windlass/resources/postgres/spec';
import { ResourceState } from '@windlass/resources/engine';
import { databaseEntity, entityFence } from '@windlass/resources/entity';
import type { Kv } from '@windlass/resources/store';
import { makeTask, taskRecords } from '@windlass/resources/tasks';
import { finishTask } from '../core/finish-task.ts';
import { planChange } from '../core/plan-change.ts';
import { CHANGES } from '../testing/golden-changes.ts';
import { at } from '../testing/golden-specs.ts';
import { DATABASE, depsOf, type Change } from '../testing/golden-world.ts';

beforeAll(loadSqlParser);

const entity = databaseEntity(DATABASE);

/** The same store; `reads` gets what is read of it. */
function watched(kv: Kv, reads: string[]): Kv {
  const get: Kv['get'] = (key) => (reads.push(key), kv.get(key));
  const list: Kv['list'] = (under, options) => (reads.push(`${under}*`), kv.list(under, options));
  return { ...kv, get, list };
}

async function readsOf(change: Change) {
  const { deps, revision } = await depsOf(change, change.before && at(1));
  const reads: string[] = [];
  const kv = watched(deps.kv, reads);
  const watchedDeps = { ...deps, kv, state: new ResourceState(kv, entityFence) };
  const { image, only } = change;
  const wish = { ...(revision !== undefined && { revision }), ...(image !== undefined && { image }), ...(only && { only }) };
  await planChange(watchedDeps)({ entity, taskId: 't', findings: [], unreachable: [], ...wish });
  return { deps: watchedDeps, reads };
} // prettier-ignore

const answered = CHANGES.filter(({ away }) => away === undefined);
it.each(answered.map((change) => [change.name, change] as const))('planning reads nothing twice: %s', async (_name, change) => {
  const { reads } = await readsOf(change);
  expect(reads).toEqual([...new Set(reads)]);
}); // prettier-ignore

const [first] = answered.flatMap(({ after }) => (after ? [after] : []));
const NOTHING: Change = {
  name: 'nothing',
  what: 'nothing is to be done',
  ...(first && { before: first, after: first }),
};

test('an update with nothing to do reads what is there, what is declared and its hosts; of the end only what may have changed again', async () => {
  const { deps, reads } = await readsOf(NOTHING);
  expect(reads.filter((key) => !key.startsWith('hosts/'))).toEqual(['resources/shop/*', 'specs/shop', 'databases/shop']);
  const task = makeTask({ scope: entity.kind, entityId: entity.id, taskId: 't', type: 'update', workflowId: '' }, new Date());
  await deps.kv.commit([], [taskRecords.put(task, entity.kind, entity.id, 't')]);
  reads.length = 0;
  await finishTask(deps)({ entity, taskId: 't', outcome: 'completed' });
  expect(reads.filter((key) => key.startsWith('plans/'))).toEqual(['plans/shop/t']);
}); // prettier-ignore
