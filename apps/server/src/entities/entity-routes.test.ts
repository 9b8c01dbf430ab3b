import { partOf, refKey } from '@windlass/resources/plan';
import { planRecords, resourceRecords } from '@windlass/resources/records';
import type { Route } from '../core/route.ts';
import { routes } from '../routes/index.ts';
import { gadgetEdge, gadgetUpkeep } from '../testing/gadget-edge.ts';
import { openFixture, type Answer, type Fixture } from '../testing/fixture.ts';
import { Sweeper } from '../core/tasks/sweeper.ts';
import { startTask } from '../core/tasks/start-task.ts';
import { upkeep } from '../upkeep.ts';
import { entityRoutes } from './entity-routes.ts';
import { taskRoutes } from './task-routes.ts';

const GADGET = { kind: 'gadget', id: 'g1' };
const gadgetRoutes = entityRoutes(gadgetEdge);

let f: Fixture;
beforeEach(
  async () =>
    void (f = await openFixture('', () => new Date(), { upkeep: [...upkeep, gadgetUpkeep] }, { routes: gadgetRoutes })),
);
afterEach(() => f.app.close());

const declare = (id: string, size: number, headers?: Record<string, string>): Promise<Answer> =>
  f.call('POST', '/v1/gadgets', { id, spec: { size } }, headers);
const taskOf = ({ body }: Answer) => body['task'] as { task_id: string; type: string };

const shape = ({ method, url, operationId }: Route): string => `${method} ${url} ${operationId}`;

test('one call makes every route of a sort of entity, as databases have them but for what the contract has odd', () => {
  const expected = routes
    .filter(({ url }) => /^\/v1\/databases(\/:database_id[^/]*(\/resources|\/tasks.*)?|::plan)?$/.test(url))
    .map((route) => shape(route).replaceAll('database', 'gadget'))
    .map((line) => line.replace(' list-resources', ' list-gadget-resources'))
    .map((line) => line.replace(/^GET (\S+)\/:task_id\/cancel/, 'POST $1/:task_id(^[^:]+)::cancel'));
  expect(expected.length).toBe(13);
  expect(gadgetRoutes.map(shape).sort()).toEqual(expected.sort());
});

test('an entity is made, shown, listed, changed and deleted', async () => {
  const made = await declare('g1', 3);
  expect(made).toMatchObject({ status: 200, body: { task: { type: 'create' }, gadget: { id: 'g1', size: 3 } } });
  const shown = await f.call('GET', '/v1/gadgets/g1');
  expect(shown.body).toEqual(made.body['gadget']);
  expect([shown.headers['etag'], made.headers['etag']]).toEqual(Array(2).fill(`"${String(shown.body['revision'])}"`));
  expect((await f.call('GET', '/v1/gadgets')).body).toMatchObject({ gadgets: [{ id: 'g1', size: 3 }] });
  const changed = await f.call('POST', '/v1/gadgets/g1', { spec: { size: 4 } });
  expect(changed.body).toMatchObject({ task: { type: 'update' }, gadget: { size: 4 } });
  expect((await f.call('DELETE', '/v1/gadgets/g1')).body).toMatchObject({ task: { type: 'delete' } });
  await f.kv.commit([], [{ remove: 'entities/gadget/g1' }, { remove: 'specs/gadget.g1' }]); // as its workflow does
  expect((await f.call('GET', '/v1/gadgets/g1')).body).toMatchObject({
    name: 'not_found',
    message: 'gadget not found',
  });
});

test('the edge of the sort decides whether a change is accepted; what it is asked is read before', async () => {
  const { etag } = (await declare('g1', 3)).headers;
  const change = (size: number, url = '/v1/gadgets/g1', headers?: Record<string, string>) =>
    f.call('POST', url, { spec: { size } }, headers);
  expect((await change(3)).body['name']).toBe('operation_refused');
  expect((await change(3, '/v1/gadgets/g1?force=1', { 'if-match': String(etag) })).status).toBe(200);
  expect((await change(5, '/v1/gadgets/g1', { 'if-match': String(etag) })).body['name']).toBe('revision_conflict');
  expect((await change(3, '/v1/gadgets/g1?force=perhaps')).body['name']).toBe('invalid_field_type');
  expect((await change(3, '/v1/gadgets/No_Good')).body['name']).toBe('invalid_input');
  expect((await f.call('POST', '/v1/gadgets', { id: 'g2' })).body['name']).toBe('missing_field');
  expect((await f.call('POST', '/v1/gadgets')).body['name']).toBe('missing_payload');
});

test('the same key makes one entity, and answers it with the revision it has', async () => {
  const first = await declare('g1', 3, { 'idempotency-key': 'k' });
  const second = await declare('g1', 3, { 'idempotency-key': 'k' });
  expect([second.body, second.headers['etag']]).toEqual([first.body, first.headers['etag']]);
  expect((await f.kv.list('tasks/')).length).toBe(1);
  expect((await declare('g1', 3)).body['name']).toBe('operation_refused');
});

test('plans say what would be done, resources what there is; workflows that every kind has look for them', async () => {
  f.temporal.results.set('planEntity', { steps: [], sentences: ['make gadget g1'] });
  const plan = { body: { steps: [], sentences: ['make gadget g1'], text: 'make gadget g1' } };
  expect(await f.call('POST', '/v1/gadgets:plan', { id: 'g1', spec: { size: 3 } })).toMatchObject(plan);
  const attributes = { WindlassEntity: 'gadget/g1', WindlassTaskType: 'plan' };
  expect(f.temporal.executed).toMatchObject([{ id: expect.stringMatching(/^plan\/gadget\/g1\/[^/]+$/), attributes }]);
  expect((await f.kv.list('proposals/')).map(({ value }) => value)).toEqual([{ size: 3 }]);
  await declare('g1', 3);
  expect(await f.call('POST', '/v1/gadgets/g1:plan', { spec: { size: 4 } })).toMatchObject(plan);
  const ref = { kind: 'gadget.part', id: 'g1' };
  const at = {
    version: 1,
    executor: { on: 'any' },
    dependsOn: [],
    inputsHash: '',
    taskId: 't',
    updatedAt: '',
  } as const;
  const stored = resourceRecords.put({ ...at, ref, spec: { size: 3 }, phase: 'ready' }, partOf(GADGET), refKey(ref));
  await f.kv.commit([], [stored]);
  f.temporal.results.set('inspectEntity', { findings: [{ ref, missing: false, drift: ['size'] }] });
  expect((await f.call('GET', '/v1/gadgets/g1/resources')).body).toMatchObject({
    resources: [{ resource: 'gadget.part::g1', spec: { size: 3 }, drift: ['size'] }],
  });
  for (const url of ['/v1/gadgets/g9/resources', '/v1/gadgets/g9']) expect((await f.call('GET', url)).status).toBe(404);
});

test('its tasks are listed, shown, logged, planned and canceled', async () => {
  const id = taskOf(await declare('g1', 3)).task_id;
  const url = `/v1/gadgets/g1/tasks/${id}`;
  expect((await f.call('GET', '/v1/gadgets/g1/tasks?limit=1')).body).toMatchObject({ tasks: [{ task_id: id }] });
  const shown = (await f.call('GET', url)).body;
  expect(shown).toMatchObject({ task_id: id, scope: 'gadget', entity_id: 'g1', type: 'create' });
  expect(shown['database_id']).toBeUndefined();
  expect((await f.call('GET', `${url}/log`)).body).toMatchObject({ task_id: id, scope: 'gadget', entries: [] });
  expect((await f.call('GET', `${url}/plan`)).body['message']).toContain('or its gadget is gone');
  const plan = { steps: [], sentences: ['make gadget g1'], createdAt: '' };
  await f.kv.commit([], [planRecords.put(plan, partOf(GADGET), id)]);
  expect((await f.call('GET', `${url}/plan`)).body).toMatchObject({ sentences: ['make gadget g1'] });
  expect((await f.call('POST', `${url}:cancel`)).body).toMatchObject({ task_id: id, status: 'canceling' });
  expect((await f.call('GET', '/v1/gadgets/g1/tasks/seven')).body['name']).toBe('invalid_format');
  expect((await f.call('POST', '/v1/gadgets/g1/tasks/seven:cancel')).body['name']).toBe('invalid_format');
  expect((await f.call('GET', `${url}:cancel`)).status).not.toBe(200);
});

test('its tasks are started by its own workflows, also those whose start was lost', async () => {
  const first = taskOf(await declare('g1', 3)).task_id;
  f.temporal.down = true;
  const second = taskOf(await declare('g2', 3)).task_id;
  f.temporal.down = false;
  const errors: unknown[] = [];
  const sweeper = new Sweeper(f.deps, (err) => errors.push(err));
  await f.kv.commit([], [{ remove: `outbox/${first}` }]); // as its workflow does
  await sweeper.sweep();
  sweeper.stop();
  const started = (id: string, taskId: string) => ({
    type: 'makeGadget',
    id: `gadget/${id}`,
    taskId,
    input: { entity: { kind: 'gadget', id }, taskId },
    summary: `create gadget ${id}`,
    details: `Task \`${taskId}\` of gadget **${id}**. The plan is the result of the activity \`planChange\`.`,
    attributes: { WindlassEntity: `gadget/${id}`, WindlassTaskType: 'create', WindlassHostId: [] },
  });
  expect([f.temporal.started, errors]).toEqual([[started('g1', first), started('g2', second)], []]);
});

test('a task that no workflow of its kind does is not started', async () => {
  await declare('g1', 3);
  const entry = { entity: { kind: 'gadget', id: 'g1' }, taskId: 't', type: 'upgrade', input: { image: 'x' } } as const;
  await expect(startTask(f.deps, entry)).rejects.toThrow("no workflow does a task 'upgrade' of a gadget");
});

test('a sort whose tasks follow no plan and cannot be canceled has no routes for that', () => {
  const made = taskRoutes({ noun: 'gadget', plural: 'gadgets', scope: 'gadget' }).map(({ operationId }) => operationId);
  expect(made).toEqual(['list-gadget-tasks', 'get-gadget-task', 'get-gadget-task-log']);
});
