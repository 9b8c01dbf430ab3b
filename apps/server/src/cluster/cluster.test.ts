import { createCa, fingerprintOf, hostRights } from '@windlass/resources/platform/trust';
import { memberRecords, joinTokens, type MemberRecord } from '@windlass/resources/platform/records';
import { keys } from '@windlass/resources/store';
import { sealedSecrets } from '../core/secrets.ts';
import { checkedApp } from '../testing/checked-app.ts';
import { callerOf } from '../core/door/caller.ts';
import { openFixture, type Answer, type Fixture } from '../testing/fixture.ts';
import { lateFixture } from '../testing/late-fixture.ts';

let f: Fixture;
let caPem: string;
let now: Date;
beforeAll(async () => void (caPem = (await createCa('test')).certPem));
beforeEach(async () => {
  now = new Date('2026-01-02T03:04:05Z');
  f = await openFixture(caPem, () => now);
});
afterEach(() => f.app.close());

const uninitialise = () => f.kv.commit([], [{ remove: keys.cluster }]);
const tokenOf = ({ body }: Answer): string => String(body['token']);
const newToken = async () => tokenOf(await f.call('GET', '/v1/cluster/join-token'));
const ask = (token: string, more: object = {}) =>
  f.call('POST', '/v1/internal/cluster/join-options', {
    token,
    host_id: 'host-2',
    addresses: ['192.0.2.2'],
    embedded_etcd_enabled: false,
    ...more,
  });
const members = async () => (await f.kv.list('members/')).map((row) => row.value as MemberRecord);

test('a token has the form of the contract, is new each time, and only hashes are stored', async () => {
  const answers = [await f.call('GET', '/v1/cluster/join-token'), await f.call('GET', '/v1/cluster/join-token')];
  const form = new RegExp(`^PGEDGE-${fingerprintOf(caPem)}-[0-9a-f]{32}$`);
  for (const { status, body } of answers) {
    expect(status).toBe(200);
    expect(body).toEqual({ token: expect.stringMatching(form) as string, server_urls: ['http://192.0.2.1:3000'] });
  }
  expect(answers[0]?.body).not.toEqual(answers[1]?.body);
  const stored = JSON.stringify(await f.kv.list(''));
  for (const answer of answers) expect(stored).not.toContain(tokenOf(answer).slice(-32));
});

test('a join brings an account of its own, certificates and addresses, and spends the token', async () => {
  const token = await newToken();
  const { status, body } = await ask(token);
  const [member] = await members();
  expect(status).toBe(200);
  expect(member).toMatchObject({ id: 'host-2', role: 'host', addresses: ['192.0.2.2'] });
  const pem = (text: string) => Buffer.from(text).toString('base64');
  expect(body).toMatchObject({
    leader: { name: 'etcd-1', peer_urls: ['https://192.0.2.1:2380'], client_urls: ['https://192.0.2.1:2379'] },
    credentials: {
      username: member?.account,
      password: expect.stringMatching(/^[\w-]{32}$/) as string,
      ca_cert: pem(caPem),
      client_cert: pem(`certificate of ${String(member?.account)}`),
      client_key: pem(`key of ${String(member?.account)}`),
      server_cert: pem('certificate of '),
      server_key: pem('key of '),
    },
    windlass: {
      etcd_endpoints: ['https://192.0.2.1:2379'],
      temporal: { address: '192.0.2.1:7233', namespace: 'default', tls: true },
    },
  });
  expect([...f.membership.created]).toEqual([member?.account]);
  expect((await ask(token, { host_id: 'host-3' })).body['name']).toBe('invalid_join_token');
});

test('a host gets rights for its work and no key of the CA; who is trusted with the cluster gets everything', async () => {
  for (const role of [undefined, 'host', 'control', 'server'] as const) {
    const { body } = await ask(await newToken(), { host_id: `x-${role ?? 'none'}`, ...(role && { role }) });
    const { username } = body['credentials'] as { username: string };
    const trusted = role === 'control' || role === 'server';
    expect(f.membership.rights.get(username)).toEqual(trusted ? 'everything' : hostRights(`x-${role ?? 'none'}`));
    expect(Object.keys(body['windlass'] as object).includes('ca_key')).toBe(trusted);
  }
});

test('when something fails half way, no account is left, and the token stays good', async () => {
  const token = await newToken();
  const { issue } = f.membership;
  Object.assign(f.membership, { issue: () => Promise.reject(new Error('no entropy')) });
  expect((await ask(token)).status).toBe(500);
  expect(f.membership.created.size).toBe(0);
  Object.assign(f.membership, { issue });
  expect((await ask(token)).status).toBe(200);
});

test('of two that use one token at once, one gets in and the other leaves nothing behind', async () => {
  const token = await newToken();
  const answers = await Promise.all([ask(token), ask(token, { host_id: 'host-3' })]);
  expect(answers.map((a) => a.status).sort()).toEqual([200, 401]);
  expect([...f.membership.created]).toEqual((await members()).map((m) => m.account));
  expect(await members()).toHaveLength(1);
});

test('who joins again before it ever reported gets a new account; the old one is gone', async () => {
  await ask(await newToken());
  const [before] = await members();
  expect((await ask(await newToken())).status).toBe(200);
  const [after] = await members();
  expect(after?.account).not.toBe(before?.account);
  expect([...f.membership.created]).toEqual([after?.account]);
});

test('how the swarm is entered is passed on, once a host has told', async () => {
  const entrance = { join_token: 'SWMTKN-1-x', addresses: ['192.0.2.1:2377'] };
  expect((await ask(await newToken())).body['windlass']).not.toHaveProperty('swarm');
  await f.kv.commit([], (await sealedSecrets(f.deps, [['swarm/join', JSON.stringify(entrance)]])).writes);
  expect((await ask(await newToken(), { host_id: 'host-3' })).body['windlass']).toMatchObject({ swarm: entrance });
});

const other = `PGEDGE-${'a'.repeat(64)}-`;
test.each([
  ['of another CA', (good: string) => other + good.slice(-32)],
  ['never given out', (good: string) => good.slice(0, -32) + '0'.repeat(32)],
])('a token %s is 401 invalid_join_token', async (_what, change) => {
  const { status, headers, body } = await ask(change(await newToken()));
  expect([status, headers['goa-error'], body['message']]).toEqual([
    401,
    'invalid_join_token',
    'the given join token is invalid',
  ]);
});

test('a token is good for 15 minutes, also when the store has not forgotten it yet', async () => {
  const [early, late] = [await newToken(), await newToken()];
  now = new Date(now.getTime() + 15 * 60_000 - 1);
  expect((await ask(early)).status).toBe(200);
  now = new Date(now.getTime() + 1);
  expect((await ask(late, { host_id: 'host-3' })).status).toBe(401);
});

test('after ten refusals within a minute an address has to wait; others have not', async () => {
  const wrong = `PGEDGE-${fingerprintOf(caPem)}-${'0'.repeat(32)}`;
  const good = await newToken();
  for (let i = 0; i < 10; i += 1) expect((await ask(wrong)).status).toBe(401);
  expect((await ask(good)).body['name']).toBe('too_many_attempts');
  now = new Date(now.getTime() + 60_000);
  expect((await ask(good)).status).toBe(200);
});

test.each([
  ['a missing field', { token: undefined }, 'missing_field', '"token" is missing from body'],
  ['null where text belongs', { host_id: null }, 'missing_field', '"host_id" is missing from body'],
  ['a token of another form', { token: 'open sesame' }, 'invalid_pattern', 'body.token must match the regexp'],
  ['a wrong type', { host_id: 7 }, 'decode_payload', 'body.host_id'],
  ['an address that is too short', { addresses: ['x'] }, 'invalid_length', 'length of body.addresses[*] must be greater or equal than 3'], // prettier-ignore
  [
    'an unknown role',
    { role: 'king' },
    'invalid_enum_value',
    'value of body.role must be one of "host", "control", "server"',
  ],
])('join-options: %s is 400 before anything else', async (_what, more, name, message) => {
  await uninitialise();
  const { status, headers, body } = await ask(`PGEDGE-${'0'.repeat(64)}-${'0'.repeat(32)}`, more);
  expect([status, headers['goa-error'], body['name']]).toEqual([400, undefined, name]);
  expect(body['message']).toContain(message);
});

test('join-options: a bad id and the id of a host that is there are 400 invalid_input, and the token stays good', async () => {
  const token = await newToken();
  expect((await ask(token, { host_id: 'No Good' })).body).toMatchObject({ name: 'invalid_input' });
  expect((await ask(token, { host_id: 'host-1' })).body).toMatchObject({
    name: 'invalid_input',
    message: 'a host with ID host-1 already exists in the cluster',
  });
  expect((await ask(token)).status).toBe(200);
});

test('init: once; its token lets several servers in while the cluster is formed', async () => {
  await uninitialise();
  expect((await f.call('GET', '/v1/cluster/init?cluster_id=No_Good')).body['name']).toBe('invalid_input');
  const init = await f.call('GET', '/v1/cluster/init?cluster_id=c9');
  expect(init).toMatchObject({ status: 200, body: { server_urls: ['http://192.0.2.1:3000'] } });
  expect((await f.call('GET', '/v1/cluster')).body).toMatchObject({ id: 'c9', status: { state: 'available' } });
  for (const id of ['s1', 's2']) expect((await ask(tokenOf(init), { host_id: id, role: 'server' })).status).toBe(200);
  const again = await f.call('GET', '/v1/cluster/init');
  expect([again.status, again.headers['goa-error']]).toEqual([409, 'cluster_already_initialized']);
});

test('join: 409 on a server of a cluster; refused on one with an etcd of its own', async () => {
  const body = { token: await newToken(), server_urls: ['http://192.0.2.1:3000'] };
  const answer = await f.call('POST', '/v1/cluster/join', body);
  expect([answer.status, answer.headers['goa-error']]).toEqual([409, 'cluster_already_initialized']);
  expect((await f.call('POST', '/v1/cluster/join', { token: 'x' })).body).toMatchObject({
    name: 'missing_field',
    message: '"server_urls" is missing from body',
  });
  await uninitialise();
  expect((await f.call('POST', '/v1/cluster/join', body)).body).toMatchObject({ name: 'invalid_input' });
});

test('a server without a cluster joins with 204 and is one of it from then on; init is not for it', async () => {
  const late = lateFixture();
  const { app } = await checkedApp(late.deps);
  const init = await app.inject({ url: '/v1/cluster/init' });
  expect([init.statusCode, init.headers['goa-error']]).toEqual([400, 'operation_not_supported']);
  const payload = { token: 'any', server_urls: ['http://192.0.2.1:3000'] };
  const joined = await app.inject({ method: 'POST', url: '/v1/cluster/join', payload });
  expect([joined.statusCode, joined.body]).toEqual([204, '']);
  expect(late.joins).toEqual([payload]);
  late.attach(f.deps);
  expect((await app.inject({ url: '/v1/cluster' })).json()).toMatchObject({ id: 'c1', hosts: [{ id: 'host-1' }] });
  const again = await app.inject({ method: 'POST', url: '/v1/cluster/join', payload });
  expect(again.headers['goa-error']).toBe('cluster_already_initialized');
  expect((await app.inject({ url: '/v1/cluster/init' })).headers['goa-error']).toBe('cluster_already_initialized');
  await app.close();
});

test('a member and a token that cannot be read keep no others out', async () => {
  await f.kv.commit([], [{ put: joinTokens.key('0'), value: {} }, { put: memberRecords.key('host', 'aa'), value: {} }]); // prettier-ignore
  expect((await ask(await newToken())).status).toBe(200);
  const member = (await memberRecords.get(f.kv, 'host', 'host-2'))?.value;
  expect(await callerOf(f.deps, member?.account ?? '')).toEqual(member);
  expect(f.told).toEqual(['join-tokens/0', 'members/host/aa']);
});
