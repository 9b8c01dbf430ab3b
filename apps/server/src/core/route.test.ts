import { DomainError } from '@windlass/resources/errors';
import { z } from 'zod';
import { errorsOf } from './route-errors.ts';
import { defineRoute, type Route } from './route.ts';
import { openFixture, type Fixture } from '../testing/fixture.ts';
import { checkedBody, jsonBody, optionalBody } from './wire-body.ts';
import { flag, id, ids, integer, oneOf, several, uuid, words } from './wire-query.ts';

const Answer = z.object({ state: z.enum(['on', 'off']), size: z.int().optional() });
const base = {
  operationId: 'x',
  method: 'POST',
  tag: 'system',
  needs: 'admin',
  reaches: 'everything',
  summary: 'x',
  errors: [],
} as const;

let f: Fixture | undefined;
afterEach(async () => {
  await f?.app.close();
  f = undefined;
});
const serve = async (...routes: Route[]): Promise<Fixture> =>
  (f = await openFixture('', () => new Date(), {}, { routes }));

test('the compiler knows the path, the query, the body and the answer', () => {
  const route = defineRoute({
    ...base,
    url: '/v1/databases/:database_id(^[^:]+)::turn/:node_name',
    query: { force: flag('x'), limit: integer('x'), order: oneOf(['asc', 'desc'], 'x'), hosts: ids('x') },
    body: jsonBody(z.object({ to: z.enum(['on', 'off']) })),
    response: Answer,
    handle: ({ params, query, body }) => {
      const path: readonly [string, string] = [params.database_id, params.node_name];
      const read: readonly [boolean, number | undefined, 'asc' | 'desc' | undefined, string[]] = [
        query.force,
        query.limit,
        query.order,
        query.hosts,
      ];
      // @ts-expect-error the path has no such part
      const part: unknown = params.host_id;
      // @ts-expect-error no such parameter is declared
      const field: unknown = query.colour;
      // @ts-expect-error the schema of the body has no such field
      const other: unknown = body.size;
      expect([path, read, part, field, other]).toBeDefined();
      return Promise.resolve({ state: body.to });
    },
  });
  expect(route.url).toContain('turn');
});

test('the compiler refuses what the route does not declare', () => {
  const url = '/v1/things';
  // @ts-expect-error a wrong type
  defineRoute({ ...base, url, response: Answer, handle: () => Promise.resolve({ state: 'broken' as const }) });
  // @ts-expect-error a field that is missing
  defineRoute({ ...base, url, response: Answer, handle: () => Promise.resolve({ size: 1 }) });
  // @ts-expect-error an answer where none is declared
  defineRoute({ ...base, url, handle: () => Promise.resolve({ size: 1 }) });
  // @ts-expect-error a name that is not in the table of errors
  defineRoute({ ...base, url, errors: ['no_such_name'], handle: () => Promise.resolve() });
  defineRoute({
    ...base,
    url: '/v1/things/:id',
    // @ts-expect-error the path has no such part
    path: { host_id: (text: string) => text },
    handle: () => Promise.resolve(),
  });
  const { needs: _needs, ...open } = base;
  // @ts-expect-error nobody said who may call it
  defineRoute({ ...open, url, handle: () => Promise.resolve() });
  const { reaches: _reaches, ...anybodys } = base;
  // @ts-expect-error nobody said whose things it is about
  defineRoute({ ...anybodys, url, handle: () => Promise.resolve() });
  // @ts-expect-error the path has no id of a database
  defineRoute({ ...base, url: '/v1/things/:id', reaches: { kind: 'database', by: 'database_id' }, handle: () => Promise.resolve() }); // prettier-ignore
  const { errors: _errors, ...certain } = base;
  // @ts-expect-error nobody said what it may be refused with
  defineRoute({ ...certain, url, handle: () => Promise.resolve() });
});

test('a query is read as it is declared: empty is absent, the first counts, what is not declared means nothing', async () => {
  const query = {
    force: flag('x'), limit: integer('x'), after: uuid('x'), order: oneOf(['asc', 'desc'], 'x'),
    scope: words('x'), owner: id('x'), include: several('x'), host: ids('x'),
  }; // prettier-ignore
  const seen: unknown[] = [];
  const handle = (call: { query: unknown }) => Promise.resolve(void seen.push(call.query));
  const { call } = await serve(defineRoute({ ...base, method: 'GET', url: '/v1/things', query, handle }));
  const ask = (text: string) => call('GET', `/v1/things?${text}`);
  await ask(
    'force=T&limit=-3&after=0199A7C45B1E7C319F0A2D6B8A4E1F10&order=asc&scope=a&scope=b&owner=me&include=x&include=&include=y&host=h1&colour=1',
  );
  await ask('force=&limit=&after=&order=&scope=&owner=&include=&host=');
  expect(seen).toEqual([
    { force: true, limit: -3, after: '0199a7c4-5b1e-7c31-9f0a-2d6b8a4e1f10', order: 'asc', scope: 'a', owner: 'me', include: ['x', 'y'], host: ['h1'] },
    { force: false, limit: undefined, after: undefined, order: undefined, scope: undefined, owner: undefined, include: [], host: [] },
  ]); // prettier-ignore
  for (const [text, name] of [
    ['force=yes', 'invalid_field_type'],
    ['limit=1e3', 'invalid_field_type'],
    ['after=1', 'invalid_format'],
    ['order=up', 'invalid_enum_value'],
    ['owner=No_Good', 'invalid_input'],
    ['host=h1&host=No_Good', 'invalid_input'],
  ] as const)
    // prettier-ignore
    expect([text, (await ask(text)).body['name']]).toEqual([text, name]);
});

test('a body is read once, and its rules after ids and query', async () => {
  const read: string[] = [];
  const shape = jsonBody(z.object({ to: z.string().refine(() => read.push('shape') > 0) }));
  const body = checkedBody(z.object({}), ({ to }, { params }) => {
    read.push(`rules of ${params['database_id'] ?? ''}`);
    if (to === 'bad') throw new DomainError('operation_refused');
    return to;
  });
  const url = '/v1/databases/:database_id';
  const { call } = await serve(
    defineRoute({ ...base, url: '/v1/shaped', body: shape, handle: () => Promise.resolve() }),
    defineRoute({ ...base, url, query: { force: flag('x') }, body, errors: ['operation_refused'], handle: () => Promise.resolve() }), // prettier-ignore
  );
  expect((await call('POST', '/v1/shaped', { to: 'good' })).status).toBe(204);
  expect((await call('POST', '/v1/databases/a', { to: 'good' })).status).toBe(204);
  expect(read.splice(0)).toEqual(['shape', 'rules of a']);
  const named = async (at: string, to: unknown) => (await call('POST', at, to)).body['name'];
  expect(await named('/v1/databases/No_Good?force=yes', { to: 'bad' })).toBe('invalid_input');
  expect(await named('/v1/databases/a?force=yes', { to: 'bad' })).toBe('invalid_field_type');
  expect(read.splice(0)).toEqual([]);
  expect(await named('/v1/databases/a', { to: 'bad' })).toBe('operation_refused');
  expect(read.splice(0)).toEqual(['rules of a']);
});

test('a body may be left out where it says so, and is empty then', async () => {
  const seen: unknown[] = [];
  const body = optionalBody(z.object({ to: z.string().optional() }));
  const handle = (call: { body: unknown }) => Promise.resolve(void seen.push(call.body));
  const { call } = await serve(defineRoute({ ...base, url: '/v1/things', body, handle }));
  for (const payload of [undefined, 'null', {}, { to: null }]) await call('POST', '/v1/things', payload);
  expect(seen).toEqual([{}, {}, {}, {}]);
  expect((await call('POST', '/v1/things', '[]')).body['name']).toBe('decode_payload');
});

test('what a route may be refused with follows from how it is declared, and from what it says', () => {
  const always = ['foreign_request', 'record_unreadable', 'server_error', 'store_refused', 'store_unavailable'];
  const open = { ...base, method: 'GET', needs: 'open', beforeInit: true, url: '/v1/things' } as const;
  expect(errorsOf(open)).toEqual(always);
  expect(errorsOf({ ...open, errors: ['not_found'] })).toEqual([...always, 'not_found'].sort());
  expect(errorsOf({ ...open, url: '/v1/things/:id', beforeInit: false })).toEqual([...always, 'cluster_not_initialized', 'invalid_input'].sort()); // prettier-ignore
  const login = ['issuer_unavailable', 'login_required', 'overloaded', 'too_many_attempts', 'too_many_requests'];
  expect(errorsOf({ ...open, needs: 'member', reaches: 'nothing' })).toEqual([...always, ...login].sort());
  expect(errorsOf({ ...open, needs: 'member' })).toEqual([...always, ...login, 'not_permitted'].sort());
  expect(errorsOf({ ...open, needs: 'viewer', method: 'POST' })).toEqual([...always, ...login, 'not_permitted', 'store_full', 'too_large'].sort()); // prettier-ignore
});
