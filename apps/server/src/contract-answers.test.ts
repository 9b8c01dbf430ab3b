import { ERRORS, type ErrorName } from '@windlass/resources/errors';
import { createCa } from '@windlass/resources/platform/trust';
import { errorsOf } from './core/route-errors.ts';
import { routes } from './routes/index.ts';
import { contractCases, type ContractCase } from './testing/contract-cases.ts';
import { openWorld } from './testing/contract-world.ts';
import type { Answer, Fixture } from './testing/fixture.ts';

const KNOWN = ['cluster_not_initialized', 'not_found', 'invalid_input'];
const CHANGE = ['database_not_modifiable', 'invalid_input', 'not_found', 'operation_already_in_progress'];

/** Section 2.1 of the contract: what each operation may answer, but `cluster_not_initialized`, which contract.test.ts shows. */
const DECLARED: Readonly<Record<string, readonly string[]>> = {
  'init-cluster': ['cluster_already_initialized', 'operation_not_supported'],
  'join-cluster': ['cluster_already_initialized', 'invalid_join_token', 'invalid_input'],
  'get-join-token': [],
  'get-join-options': ['invalid_join_token', 'invalid_input'],
  'get-cluster': [],
  'list-hosts': [],
  'get-host': KNOWN.slice(1),
  'remove-host': KNOWN.slice(1),
  'list-databases': [],
  'create-database': ['database_already_exists', 'invalid_input', 'operation_already_in_progress'],
  'get-database': KNOWN.slice(1),
  'update-database': CHANGE,
  'apply-upgrade': CHANGE,
  'delete-database': CHANGE,
  'switchover-database-node': CHANGE,
  'failover-database-node': CHANGE,
  'list-database-tasks': KNOWN.slice(1),
  'get-database-task': KNOWN.slice(1),
  'get-database-task-log': KNOWN.slice(1),
  'cancel-database-task': ['not_found', 'invalid_input'],
  'restart-instance': KNOWN.slice(1),
  'stop-instance': KNOWN.slice(1),
  'start-instance': KNOWN.slice(1),
  'list-host-tasks': KNOWN.slice(1),
  'get-host-task': KNOWN.slice(1),
  'get-host-task-log': KNOWN.slice(1),
  'list-tasks': ['invalid_input'],
  'get-version': [],
  // Ours, not the contract's.
  'get-task': ['not_found'],
};

/** Declared, and never answered: as the contract itself says of each. */
const NEVER: Readonly<Record<string, string>> = {
  'create-database operation_already_in_progress': 'an id that is taken is database_already_exists, whatever runs',
  'list-database-tasks not_found': 'an unknown database has no tasks',
  'list-host-tasks not_found': 'an unknown host has no tasks',
  'cancel-database-task not_found': 'a task that is not there is invalid_input',
};

let caPem: string;
let f: Fixture;
beforeAll(async () => void (caPem = (await createCa('contract')).certPem));
afterEach(() => f.app.close());

async function ask({ deps, prepare, request, freshToken }: ContractCase): Promise<Answer> {
  f = await openWorld(caPem, deps);
  await prepare?.(f);
  const [method, url, body] = request;
  if (!freshToken) return f.call(method, url, body);
  const { token } = (await f.call('GET', '/v1/cluster/join-token')).body;
  return f.call(method, url, { ...(body as object), token });
}

const named = (cases: readonly ContractCase[]) => cases.map((one) => [one.operation, one.what, one] as const);
const good = contractCases.filter((one) => 'keys' in one.answer);
const bad = contractCases.filter((one) => 'error' in one.answer);

test.each(named(good))('%s, %s: the answer has exactly the fields of the contract', async (_operation, _what, one) => {
  const { status, headers, body } = await ask(one);
  const { keys, status: wanted = 200 } = one.answer as { keys: readonly string[]; status?: number };
  expect([status, body]).toEqual([wanted, status === wanted ? body : undefined]);
  expect(Object.keys(body ?? {}).sort()).toEqual([...keys].sort());
  if (wanted === 200) expect(headers['content-type']).toMatch(/^application\/json/);
  expect(headers['goa-error']).toBeUndefined();
});

test.each(named(bad))('%s, %s: refused by name', async (_operation, _what, one) => {
  const { status, headers, body } = await ask(one);
  const { error } = one.answer as { error: ErrorName };
  expect([body['name'], status, headers['goa-error']]).toEqual([error, ERRORS[error].status, error]);
  if (one.message === undefined) expect(body['message']).toMatch(/./);
  else expect(body['message']).toBe(one.message);
});

/** Of every operation the first case that goes well. */
const once = [...new Map([...good].reverse().map((one) => [one.operation, one])).values()];

test.each(named(once.filter((one) => !['get-version', 'join-cluster'].includes(one.operation))))(
  '%s: a failure inside is 500 server_error, and tells nothing of the inside',
  async (_operation, _what, one) => {
    f = await openWorld(caPem, one.deps);
    await f.call('GET', '/v1/cluster');
    const broken = (): Promise<never> => Promise.reject(new Error('the inside'));
    Object.assign(f.deps.kv, { get: broken, list: broken, commit: broken });
    const answer = await f.call(...(one.request as [string, string, unknown]));
    expect([answer.status, answer.body['name'], answer.headers['goa-error']]).toEqual([
      500,
      'server_error',
      'server_error',
    ]);
    expect(JSON.stringify(answer.body)).not.toContain('the inside');
  },
);

test('every operation has a success, and every error it declares a case, or a reason why it never answers it', async () => {
  f = await openWorld(caPem);
  const shown = new Set(contractCases.map(({ operation, answer }) => `${operation} ${'error' in answer ? answer.error : 'ok'}`)); // prettier-ignore
  const wanted = Object.entries(DECLARED).flatMap(([operation, errors]) => ['ok', ...errors].map((e) => `${operation} ${e}`)); // prettier-ignore
  expect(wanted.filter((one) => !shown.has(one) && NEVER[one] === undefined)).toEqual([]);
  expect(Object.keys(NEVER).filter((one) => shown.has(one))).toEqual([]);
  expect([...new Set(contractCases.map((one) => one.operation))].sort()).toEqual(Object.keys(DECLARED).sort());
});

test.each(Object.entries(DECLARED))(
  'the route of %s declares what the contract says it may answer',
  (operation, names) => {
    const route = routes.find(({ operationId }) => operationId === operation);
    const declared: readonly string[] = route ? errorsOf(route) : [];
    expect(names.filter((name) => !declared.includes(name) && NEVER[`${operation} ${name}`] === undefined)).toEqual([]);
  },
);
