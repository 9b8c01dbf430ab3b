import type { FastifyRequest } from 'fastify';
import { Collection } from '@windlass/resources/store';
import { openTask, taskRecords, type OpenedTask, type OutboxTask, type TaskInputs } from '@windlass/resources/tasks';
import { entityRecords, entitySpecs, referenceRecords, referTo, type EntityRecord } from '@windlass/resources/entity';
import { partOf } from '@windlass/resources/plan';
import { z } from 'zod';
import { openFixture, type Fixture } from '../testing/fixture.ts';
import { acceptDelete, readUnused } from './accept-delete.ts';
import { acceptOperation, refuseOperation } from './accept-operation.ts';
import { acceptChange, acceptNew, refuseOldRevision, type Accepted } from './accept-spec.ts';
import { NOTHING } from './accept.ts';
import { refuseBusy } from './busy.ts';
import { listEntities, readEntity, type EntityStore } from './entity-store.ts';
import { once } from './idempotency.ts';
import { oneAtATime } from '../postgres/one-at-a-time.ts';

/** Another kind of entity than those there are: what is here knows nothing of databases. */
interface StreamSpec {
  readonly topic: string;
}
const record: z.ZodType<EntityRecord> = z.looseObject({
  id: z.string(),
  createdAt: z.string(),
  updatedAt: z.string(),
  state: z.enum(['creating', 'modifying', 'available', 'deleting', 'degraded', 'failed', 'restoring', 'unknown']),
  openTaskId: z.string().optional(),
});
const streams: EntityStore<EntityRecord, StreamSpec> = {
  kind: 'stream',
  records: new Collection<EntityRecord, [string]>('streams', record),
  specs: new Collection<StreamSpec, [string]>('stream-specs', z.looseObject({ topic: z.string() })),
  refusals: { exists: 'database_already_exists', busy: 'database_not_modifiable' },
};

const THEN = '2026-01-02T03:04:05.678Z';
let f: Fixture;
let made = 0;
beforeEach(async () => void (f = await openFixture()));
afterEach(() => f.app.close());

const FULL = { nodeName: 'n1', type: 'full', annotations: {}, options: {} } as const;
const ONE = { nodeName: 'n1', label: 'b1', repository: 1 };

function open<T extends OutboxTask>(type: T, input: TaskInputs[T]): OpenedTask<T> {
  const taskId = `0199a7c4-5b1e-7c31-9f0a-${String((made += 1)).padStart(12, '0')}`;
  return openTask({ entity: { kind: 'stream', id: 's1' }, type, input, taskId }, new Date(THEN));
}

const wish = (opened: OpenedTask, topic: string, state: EntityRecord['state']) => ({
  stored: { topic },
  writes: [],
  record: { id: 's1', createdAt: THEN, updatedAt: THEN, state, openTaskId: opened.task.taskId },
});

const create = (topic = 'a'): Promise<Accepted<EntityRecord, StreamSpec>> => {
  const opened = open('create', {});
  return acceptNew(f.deps, streams, opened, wish(opened, topic, 'creating'), () => NOTHING);
};
const finish = () => streams.records.change(f.kv, ['s1'], ({ openTaskId: _task, ...rest }) => ({ ...rest, state: 'available' })); // prettier-ignore
const read = () => readEntity(f.deps, streams, 's1');
const unused = () => readUnused(f.deps, streams, 's1');

test('another kind of entity is accepted, read, listed, changed and deleted', async () => {
  const { task, revision } = await create();
  expect(await read()).toMatchObject({ entity: { kind: 'stream', id: 's1' }, stored: { topic: 'a' }, specRevision: revision }); // prettier-ignore
  expect((await taskRecords.get(f.kv, 'stream', 's1', task.taskId))?.value.type).toBe('create');
  await expect(create()).rejects.toMatchObject({ code: 'database_already_exists' });
  await finish();
  const before = await read();
  const opened = open('update', {});
  await acceptChange(f.deps, streams, before, opened, wish(opened, 'b', 'modifying'), () => NOTHING);
  expect((await read()).stored).toEqual({ topic: 'b' });
  await f.kv.commit([], [{ put: 'streams/s0', value: {} }]);
  const { rows, unreadable } = await listEntities(f.deps, streams, 'all');
  expect([rows.map(({ id }) => id), unreadable]).toEqual([[['s1']], [{ id: 's0', value: {} }]]);
  await acceptDelete(f.deps, streams, await unused(), open('delete', {}), []);
  expect((await read()).record.state).toBe('deleting');
  await expect(readEntity(f.deps, streams, 's2')).rejects.toMatchObject({ code: 'not_found', message: 'stream not found' }); // prettier-ignore
});

test('what was checked has to be so still when it is accepted', async () => {
  await create();
  await finish();
  const before = await unused();
  await streams.records.change(f.kv, ['s1'], (r) => ({ ...r, updatedAt: '2026-02-02T03:04:05.678Z' }));
  const opened = open('update', {});
  const late = acceptChange(f.deps, streams, before, opened, wish(opened, 'b', 'modifying'), () => NOTHING);
  await expect(late).rejects.toMatchObject({ code: 'database_not_modifiable' });
  await expect(acceptDelete(f.deps, streams, before, open('delete', {}), [])).rejects.toMatchObject({ code: 'database_not_modifiable' }); // prettier-ignore
  const operation = acceptOperation(f.deps, streams, before, { ...open('update', {}), owns: true }, () => NOTHING);
  await expect(operation).rejects.toMatchObject({ code: 'operation_already_in_progress' });
  expect((await read()).stored).toEqual({ topic: 'a' });
  expect(await taskRecords.get(f.kv, 'stream', 's1', opened.task.taskId)).toBeUndefined();
});

test('an operation that owns the entity is its owner; one beside leaves the record alone', async () => {
  await create();
  await finish();
  const beside = await read();
  await acceptOperation(f.deps, streams, beside, { ...open('node_backup', FULL), owns: false }, () => NOTHING);
  expect(await read()).toEqual(beside);
  const opened = { ...open('restart_instance', { nodeName: 'n1', instanceId: 'i1' }), owns: true };
  await acceptOperation(f.deps, streams, beside, opened, () => NOTHING);
  const { record: now } = await read();
  expect([now.state, now.openTaskId]).toEqual(['available', opened.task.taskId]);
  expect(() => refuseBusy(streams, now)).toThrow(opened.task.taskId);
  expect(() => refuseOperation(streams, now, { owns: true, force: false })).toThrow(opened.task.taskId);
  expect(() => refuseOperation(streams, now, { owns: true, force: true })).not.toThrow();
  expect(() => refuseOperation(streams, { ...now, state: 'deleting' }, { owns: false, force: true })).toThrow();
});

test('a revision that the client has not seen is a conflict that names the kind', async () => {
  const { revision } = await create();
  const before = await read();
  for (const seen of [undefined, '*', String(revision), `W/"${String(revision)}"`, `"1", "${String(revision)}"`])
    expect(() => refuseOldRevision(before, seen)).not.toThrow();
  expect(() => refuseOldRevision(before, '"1"')).toThrow(`the stream is at revision ${String(revision)}, not "1"`);
});

test('of two requests for one turn one wins, and a third waits for its task', async () => {
  const turn = { entity: { kind: 'stream', id: 's1' }, node: 'n1', sort: 'drain' };
  await create();
  await finish();
  const before = await read();
  const [first, second] = await Promise.all([oneAtATime(f.deps, turn, () => NOTHING), oneAtATime(f.deps, turn, () => NOTHING)]); // prettier-ignore
  const task = await acceptOperation(f.deps, streams, before, { ...open('verify_backup', ONE), owns: false }, first);
  const late = acceptOperation(f.deps, streams, before, { ...open('verify_backup', ONE), owns: false }, second);
  await expect(late).rejects.toMatchObject({ code: 'operation_already_in_progress' });
  await expect(oneAtATime(f.deps, turn, () => NOTHING)).rejects.toThrow('in progress for stream s1 node n1');
  await taskRecords.change(f.kv, ['stream', 's1', task.taskId], (one) => ({ ...one, status: 'completed' }));
  await expect(oneAtATime(f.deps, turn, () => NOTHING)).resolves.toBeInstanceOf(Function);
  await expect(oneAtATime(f.deps, { ...turn, sort: 'fill' }, () => NOTHING)).resolves.toBeInstanceOf(Function);
});

describe('the same request under one Idempotency-Key', () => {
  const request = (body: unknown, key: string) => ({ method: 'POST', url: '/v1/streams', body, headers: { 'idempotency-key': key } }) as unknown as FastifyRequest; // prettier-ignore
  const answers = { schema: z.object({ topic: z.string(), revision: z.string().optional() }), at: (a: { topic: string }, revision: number) => ({ ...a, revision: String(revision) }) }; // prettier-ignore
  let works = 0;
  const ask = (key: string, topic = 'a') =>
    once(f.deps, request({ topic }, key), answers, async (claimFor) => {
      works += 1;
      const { expect: expected, writes } = claimFor({ topic });
      await f.kv.commit(expected, writes);
      return { topic };
    });
  beforeEach(() => void (works = 0));

  test.each(['plain', 'with/slash', '/', '//', 'a..b'])(
    '%s: is done once, and its answer has the revision',
    async (key) => {
      await ask(key);
      const { revision } = (await f.kv.get(`idempotency/${key}`)) ?? {};
      expect(await ask(key)).toEqual({ topic: 'a', revision: String(revision) });
      expect(works).toBe(1);
      await expect(ask(key, 'b')).rejects.toMatchObject({ code: 'invalid_input' });
    },
  );

  test('an answer that is none is an error, not an answer', async () => {
    await ask('k');
    const found = (await f.kv.get('idempotency/k'))?.value as object;
    await f.kv.commit([], [{ put: 'idempotency/k', value: { ...found, answer: { topic: 7 } } }]);
    await expect(ask('k')).rejects.toMatchObject({ code: 'record_unreadable' });
  });
});

test('what is declared refers to others: they are told of it with it, also when several come at once', async () => {
  const [topics, records] = [entityRecords('topic'), entityRecords('bus')];
  const topic = { kind: 'topic', id: 't1' };
  const busses: EntityStore<EntityRecord, { topic: string }> = {
    ...{ kind: 'bus', records, specs: entitySpecs('bus', z.object({ topic: z.string() })) },
    refusals: { exists: 'operation_refused', busy: 'operation_refused' },
    refersTo: (stored) => [{ kind: 'topic', id: stored.topic }],
  };
  const declare = (id: string, to = 't1') => {
    const opened = openTask({ entity: { kind: 'bus', id }, type: 'create', input: {} }, new Date(THEN));
    const made = { id, createdAt: THEN, updatedAt: THEN, state: 'creating' } as const;
    return acceptNew(f.deps, busses, opened, { stored: { topic: to }, writes: [], record: made }, () => NOTHING);
  };
  const put = (state: EntityRecord['state']) =>
    f.kv.commit([], [topics.put({ id: 't1', createdAt: THEN, updatedAt: THEN, state }, 't1')]);
  await put('available');
  await Promise.all([declare('a'), declare('b'), declare('c')]);
  const users = (await referenceRecords.get(f.kv, partOf(topic)))?.value;
  expect(users?.map(({ id }) => id).sort()).toEqual(['a', 'b', 'c']);
  await expect(declare('a')).rejects.toMatchObject({ code: 'operation_refused' });
  await expect(declare('d', 'none')).rejects.toMatchObject({ code: 'not_found', message: 'topic/none is not there' });
  await put('deleting');
  await expect(declare('d')).rejects.toThrow('topic/t1 is being deleted');
});

test('what another entity refers to is not deleted: the answer names who does', async () => {
  await create();
  await finish();
  const [s1, bus] = [
    { kind: 'stream', id: 's1' },
    { kind: 'bus', id: 'main' },
  ];
  const record = { id: 'main', createdAt: THEN, updatedAt: THEN, state: 'available' } as const;
  await f.kv.commit([], [entityRecords('bus').put(record, 'main'), referenceRecords.put([bus], partOf(s1))]);
  const remove = async () => acceptDelete(f.deps, streams, await unused(), open('delete', {}), []);
  await expect(remove()).rejects.toMatchObject({ code: 'in_use', message: expect.stringContaining('bus/main') as string }); // prettier-ignore
  expect((await read()).record.state).toBe('available');
  const { expect: unchanged, writes } = await referTo(f.kv, bus, [s1], []);
  await f.kv.commit(unchanged, writes);
  expect(await remove()).toMatchObject({ type: 'delete' });
});
