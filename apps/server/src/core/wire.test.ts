import net from 'node:net';
import { openFixture, shopSpec, type Fixture } from '../testing/fixture.ts';

let f: Fixture;
beforeEach(async () => void (f = await openFixture()));
afterEach(() => f.app.close());

const TASK = '0199a7c4-5b1e-7c31-9f0a-2d6b8a4e1f10';

test.each([
  ['a body without a content type is JSON', 'POST', '/v1/databases', '{"id":"x"}', '', 400, 'invalid_input'],
  ['another media type', 'POST', '/v1/databases', '{}', 'text/plain', 415, 'unsupported_media_type'],
  ['a form', 'POST', '/v1/databases', 'a=b', 'application/x-www-form-urlencoded', 415, 'unsupported_media_type'],
  ['no body where one is required', 'POST', '/v1/databases', '', 'application/json', 400, 'missing_payload'],
  ['an empty body where none is needed', 'DELETE', '/v1/databases/none', '', 'application/json', 404, 'not_found'],
  ['a null body', 'POST', '/v1/databases', 'null', 'application/json', 400, 'missing_payload'],
  ['a method the path does not know', 'PUT', '/v1/databases/shop', '{}', 'application/json', 405, 'method_not_allowed'],
  ['a path nobody knows', 'GET', '/v1/nothing', '', '', 404, 'fault'],
  ['a path that is not percent-encoded', 'GET', '/v1/databases/%zz', '', '', 400, 'invalid_url'],
  ['an id far too long', 'GET', `/v1/databases/${'a'.repeat(600)}`, '', '', 414, 'invalid_length'],
  ['an id too long', 'GET', `/v1/databases/${'a'.repeat(37)}`, '', '', 400, 'invalid_length'],
  ['an id of the wrong form', 'GET', '/v1/databases/No--Good', '', '', 400, 'invalid_input'],
  ['an empty id', 'GET', '/v1/databases/', '', '', 400, 'invalid_length'],
  ['a node that is none', 'POST', '/v1/databases/x/nodes/first/failover', '{}', '', 400, 'invalid_pattern'],
  ['a task that is no uuid', 'GET', '/v1/databases/shop/tasks/first', '', '', 400, 'invalid_format'],
  ['a cancel of what is no uuid', 'GET', '/v1/databases/shop/tasks/first/cancel', '', '', 400, 'invalid_input'],
  ['a number that is none', 'GET', '/v1/tasks?limit=1e3', '', '', 400, 'invalid_field_type'],
  ['a boolean that is none', 'DELETE', '/v1/databases/none?force=yes', '', '', 400, 'invalid_field_type'],
])('%s', async (_what, method, url, payload, type, status, name) => {
  const answer = await f.call(method, url, payload === '' ? undefined : payload, { 'content-type': type });
  expect([answer.status, answer.body['name']]).toEqual([status, name]);
  expect(answer.body).toMatchObject({ status, title: expect.any(String), message: expect.any(String) });
  expect(String(answer.headers['content-type'])).toMatch(/^application\/problem\+json/);
});

test('a wrong method says which are right', async () => {
  expect((await f.call('PUT', '/v1/databases/shop')).headers['allow']).toBe('DELETE, GET, POST');
  expect((await f.call('GET', '/v1/databases:plan')).headers['allow']).toBe('POST');
});

test.each([TASK, TASK.toUpperCase(), TASK.replaceAll('-', ''), `{${TASK}}`, `urn:uuid:${TASK}`])(
  '%s is a UUID',
  async (form) => {
    const answer = await f.call('GET', `/v1/databases/shop/tasks/${encodeURIComponent(form)}`);
    expect([answer.status, answer.body['message']]).toEqual([404, 'no task found with the given ID']);
  },
);

test('errors of the schema come before the question whether the cluster is initialised', async () => {
  await f.kv.commit([], [{ remove: 'cluster' }]);
  expect((await f.call('POST', '/v1/databases', '{')).body['name']).toBe('decode_payload');
  expect((await f.call('POST', '/v1/databases')).body['name']).toBe('missing_payload');
  expect((await f.call('GET', `/v1/hosts/${'h'.repeat(40)}`)).body['name']).toBe('invalid_length');
  expect((await f.call('POST', '/v1/databases', { spec: shopSpec })).body['name']).toBe('cluster_not_initialized');
});

test('empty query parameters are absent ones, and unknown ones are nothing', async () => {
  const answer = await f.call('GET', '/v1/tasks?limit=&after_task_id=&scope=&sort_order=&colour=blue&colour=red');
  expect([answer.status, answer.body]).toEqual([200, { tasks: [] }]);
});

test('bytes that are no HTTP get an answer with name and message', async () => {
  await f.app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = f.app.server.address() as net.AddressInfo;
  const text = await new Promise<string>((resolve, reject) => {
    let seen = '';
    const socket = net.connect(port, '127.0.0.1', () => socket.write('not http at all\r\n\r\n'));
    socket.on('data', (data) => (seen += data.toString()));
    socket.on('close', () => resolve(seen));
    socket.on('error', reject);
  });
  expect(text).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
  expect(JSON.parse(text.split('\r\n\r\n')[1] ?? '')).toMatchObject({ name: 'bad_request', message: 'bad request' });
});
