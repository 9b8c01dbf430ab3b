import { X509Certificate } from 'node:crypto';
import { auditLines } from '@windlass/resources/audit';
import { createCa } from '@windlass/resources/platform/trust';
import { databaseSpecs } from '@windlass/resources/postgres/records';
import { changeInstance, openWorld, PRIMARY, REPLICA } from '../testing/contract-world.ts';
import type { Fixture } from '../testing/fixture.ts';
import { answerLive, PASSWORD, UNTIL } from '../testing/live-answers.ts';

const url = '/v1/databases/shop/logins';

let caPem: string;
beforeAll(async () => void ({ certPem: caPem } = await createCa('cluster')));
let f: Fixture;
beforeEach(async () => {
  f = await openWorld(caPem);
  answerLive(f);
});
afterEach(() => f.app.close());

async function tokenOf(role: string): Promise<Record<string, string>> {
  const { body } = await f.call('POST', '/v1/tokens', { name: role, role });
  return { authorization: `Bearer ${String(body['token'])}` };
}
const asked = () => f.temporal.executed.map(({ input }) => (input as { wish: object }).wish);

test('a login as the owner, for an hour, with all that is needed to use it', async () => {
  const { status, body } = await f.call('POST', url, undefined, await tokenOf('operator'));
  expect([status, body]).toEqual([
    200,
    {
      login: {
        username: expect.stringMatching(/^windlass_login_[0-9a-f]{12}$/) as string,
        ...{ acts_as: 'app', node_name: 'n1', database_name: 'shop', expires_at: UNTIL },
      },
      password: PASSWORD,
      addresses: [
        { host: '192.0.2.1', port: 5433 },
        { host: '192.0.2.1', port: 5433 },
      ],
      ca: caPem,
    },
  ]);
  expect(asked()).toMatchObject([{ access: 'user', user: 'app', seconds: 3600 }]);
});

test('is a line of the audit: who, for what, as whom, until when, and no secret', async () => {
  await f.call('POST', url, { access: 'read', seconds: 60 }, await tokenOf('operator'));
  const line = (await auditLines.list(f.kv, []))
    .map(({ value }) => value)
    .find((one) => one.operation === 'open-login');
  expect(line).toMatchObject({
    who: { kind: 'token', name: 'operator', role: 'operator' },
    path: url,
    entity: { kind: 'database', id: 'shop' },
    changes: [
      { field: 'login.acts_as', after: 'read' },
      { field: 'login.node', after: 'n1' },
      { field: 'login.role', after: expect.stringMatching(/^windlass_login_/) as string },
      { field: 'login.until', after: UNTIL },
    ],
    answer: { status: 200 },
  });
  expect(JSON.stringify([line, f.temporal.executed, await f.kv.list('')])).not.toContain(PASSWORD);
});

test('one that cannot be written down is not answered', async () => {
  const header = await tokenOf('operator');
  const commit = f.kv.commit.bind(f.kv);
  jest.spyOn(f.kv, 'commit').mockImplementation((expected, writes) =>
    writes.some((write) => 'put' in write && write.put.startsWith('audit')) ? Promise.reject(new Error('full')) : commit(expected, writes)); // prettier-ignore
  const { status, body } = await f.call('POST', url, {}, header);
  expect([status, JSON.stringify(body).includes(PASSWORD)]).toEqual([500, false]);
});

test.each([
  ['viewer', {}, 403, /which is for operators/],
  ['operator', { access: 'superuser' }, 403, /a superuser's login is for admins/],
  ['operator', { access: 'read', user: 'app' }, 400, /user: goes with access 'user' only/],
  ['operator', { user: 'nobody' }, 400, /user: 'nobody' is no user of the database: it has app/],
  ['operator', { node: 'n7' }, 400, /node: 'n7' is no node of the database: it has n1/],
  ['operator', { seconds: 3601 }, 400, /seconds/],
])('%s asks for %j: %i', async (role, body, wanted, message) => {
  const answer = await f.call('POST', url, body, await tokenOf(role));
  expect([answer.status, answer.body['message']]).toEqual([wanted, expect.stringMatching(message)]);
  expect(f.temporal.executed).toEqual([]);
});

test('an admin may be a superuser', async () => {
  expect((await f.call('POST', url, { access: 'superuser' }, await tokenOf('admin'))).status).toBe(200);
  expect(asked()).toMatchObject([{ access: 'superuser' }]);
});

test('a database without an owner names whom there is; one without a port is not reached', async () => {
  const stored = (await databaseSpecs.get(f.kv, 'shop'))!.value;
  const database_users = [{ username: 'app' }, { username: 'other' }];
  await f.kv.commit([], [databaseSpecs.put({ ...stored, spec: { ...stored.spec, database_users } }, 'shop')]);
  expect((await f.call('POST', url, {})).body['message']).toMatch(/no owner among its users; name one of app, other/);
  for (const id of [PRIMARY, REPLICA]) await changeInstance(f, id, { port: undefined });
  expect(await f.call('POST', url, { user: 'other' })).toMatchObject({
    status: 409,
    body: { message: expect.stringMatching(/has no published port/) as string },
  });
});

test('the certificate of the authority, with its fingerprint', async () => {
  const { body } = await f.call('GET', '/v1/databases/shop/ca', undefined, await tokenOf('viewer'));
  const certificate = new X509Certificate(String(body['certificate']));
  expect([certificate.ca, body['fingerprint']]).toEqual([true, certificate.fingerprint256.replaceAll(':', '').toLowerCase()]); // prettier-ignore
  expect((await f.call('GET', '/v1/databases/none/ca')).status).toBe(404);
});
