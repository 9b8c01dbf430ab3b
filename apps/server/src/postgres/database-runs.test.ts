import { olderOutboxEntry, outboxEntries, TASKS, type OutboxEntry } from '@windlass/resources/tasks';
import type { Temporal, WorkflowStart } from '../core/deps.ts';
import { runs, type TaskRun } from '../core/tasks/entity-upkeep.ts';
import { toStart } from '../core/tasks/workflow-start.ts';
import { upkeep } from '../upkeep.ts';
import { databaseUpkeep } from './database-upkeep.ts';

const at = { hostIds: ['h1', 'h2'], revision: 7, attributes: { WindlassDatabaseId: 'shop' } };
const ids = { databaseId: 'shop', taskId: 't1' };
const ofDatabase = { entity: { kind: 'database', id: 'shop' }, taskId: 't1' } as const;
const startOf = (entry: Omit<OutboxEntry, 'entity' | 'taskId'>) =>
  toStart(databaseUpkeep, { ...ofDatabase, ...entry }, at);

test('an update as Temporal is asked for it', () => {
  expect(startOf({ type: 'update', input: { goneHosts: ['h2'] }, tenantId: 'acme', supersedes: 't0' })).toEqual({
    type: 'updateDatabase',
    id: 'database/shop',
    taskId: 't1',
    input: { databaseId: 'shop', taskId: 't1', revision: 7, goneHosts: ['h2'] },
    summary: 'update database shop',
    details: 'Task `t1` of database **shop**. The plan is the result of the activity `planChange`.',
    attributes: {
      WindlassDatabaseId: 'shop',
      WindlassEntity: 'database/shop',
      WindlassTaskType: 'update',
      WindlassHostId: ['h1', 'h2'],
      WindlassTenantId: 'acme',
    },
  });
});

test('an operation on an instance says which, and where it is', () => {
  const input = { nodeName: 'n1', instanceId: 'i1', hostId: 'h2' };
  expect(startOf({ type: 'stop_instance', input })).toMatchObject({
    summary: 'stop instance i1 of database shop',
    input: { ...ids, ...input, revision: 7 },
    attributes: { WindlassHostId: ['h2'] },
  });
});

/** What histories of earlier releases hold: what a workflow is given stays as it was. */
test.each([
  ['create', {}, { revision: 7 }],
  ['delete', { purgeBackups: true }, { purgeBackups: true }],
  ['upgrade', { image: 'pg:17.6' }, { image: 'pg:17.6', revision: 7 }],
  ['switchover', { nodeName: 'n1', candidate: 'i2' }, { nodeName: 'n1', candidate: 'i2' }],
  ['node_backup', { nodeName: 'n1', backup: { type: 'full', annotations: {}, options: {} } }, { nodeName: 'n1', type: 'full', annotations: {}, options: {} }],
  ['verify_backup', { nodeName: 'n1', label: 'b', repository: 1 }, { nodeName: 'n1', label: 'b', repository: 1 }],
  ['restore', { parts: [], keepHours: 3 }, { parts: [], keepHours: 3, revision: 7 }],
])('a %s that an earlier release accepted is given what it was given then', (type, facts, input) => {
  const entry = outboxEntries.parse(olderOutboxEntry({ ...ids, type, ...facts }), 'outbox/t1');
  expect('type' in entry && toStart(databaseUpkeep, entry, at).input).toEqual({ ...ids, ...input });
}); // prettier-ignore

test('every type of task that is a workflow of its own is done by one kind, each by another workflow', () => {
  const done = upkeep.flatMap((kind) => Object.keys(kind.runs));
  const own = Object.entries(TASKS).flatMap(([type, { lane }]) => (lane === 'part' ? [] : [type]));
  expect(done.sort()).toEqual(own.sort());
  const workflows = upkeep.flatMap((kind) =>
    Object.values(kind.runs).map((run) => run({ ...ofDatabase, type: 'create', input: {} } as never, at).type),
  );
  expect(new Set(workflows).size).toBe(own.length);
});

test('what there is not, or takes something else, does not compile', () => {
  type Start = Temporal['start'];
  const start: Start = () => Promise.resolve('started');
  const rest = { id: 'x', summary: 'x' };
  const none = [
    // @ts-expect-error there is no such workflow
    start({ ...rest, type: 'createDatabse', input: { ...ids, revision: 1 } }),
    // @ts-expect-error a create is told the revision
    start({ ...rest, type: 'createDatabase', input: ids }),
    // @ts-expect-error it is a task of a host
    start({ ...rest, type: 'removeHost', input: ids }),
    // @ts-expect-error it takes no such thing
    start({ ...rest, type: 'planDatabase', input: { databaseId: 'shop', proposalId: 'p', image: 'x' } }),
  ];
  // @ts-expect-error a create is told the revision
  const lacks: TaskRun<'create'> = runs('createDatabase', ({ entity, taskId }) => ({ databaseId: entity.id, taskId }));
  // @ts-expect-error an update is not asked for an image
  const other: TaskRun<'update'> = runs('upgradeDatabase', ({ input }) => ({ ...ids, ...input, revision: 1 }));
  const entries: readonly (OutboxEntry<'upgrade'> | OutboxEntry<'failover'>)[] = [
    // @ts-expect-error an upgrade is told the image
    { ...ofDatabase, type: 'upgrade', input: {} },
    // @ts-expect-error a failover is of a node
    { ...ofDatabase, type: 'failover', input: { instanceId: 'i1' } },
  ];
  // @ts-expect-error nobody waits for what it answers
  const awaited: WorkflowStart<Parameters<Temporal['execute']>[0]['type']>['type'] = 'createDatabase';
  expect([none.length, [lacks, other].length, entries.length, awaited]).toEqual([4, 2, 2, 'createDatabase']);
});
