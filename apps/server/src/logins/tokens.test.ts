import { apiTokens } from '@windlass/resources/platform/records';
import { openFixture, type Fixture } from '../testing/fixture.ts';
import { buildApp } from '../app.ts';

let f: Fixture;
beforeAll(async () => void (f = await openFixture()));
afterAll(() => f.app.close());

interface Made {
  readonly api_token: { readonly id: string };
  readonly token: string;
}

const make = async (role: string, more: object = {}): Promise<Made> =>
  (await f.call('POST', '/v1/tokens', { name: `the ${role}`, role, ...more })).body as unknown as Made;

test('a token is shown once; what is kept and listed has no secret', async () => {
  const { api_token: one, token } = await make('operator', { expires_in_days: 2 });
  expect(token).toMatch(/^wl_[a-z0-9]{12}_[\w-]{43}$/);
  const listed = (await f.call('GET', '/v1/tokens')).body['tokens'] as Record<string, unknown>[];
  expect(listed.find(({ id }) => id === one.id)).toEqual({ ...one, name: 'the operator', role: 'operator' });
  const secret = token.split('_').slice(2).join('_');
  const kept = JSON.stringify([await apiTokens.get(f.kv, one.id), listed]);
  expect([kept.includes(one.id), kept.includes(secret)]).toEqual([true, false]);
});

test('from the answer of its revocation on a token is no use, and another one is', async () => {
  const [first, second] = [await make('viewer'), await make('viewer')];
  const asks = async ({ token }: Made): Promise<number> =>
    (await f.app.inject({ method: 'GET', url: '/v1/databases', headers: { host: '127.0.0.1', authorization: `Bearer ${token}` } })).statusCode; // prettier-ignore
  expect([await asks(first), await asks(second)]).toEqual([200, 200]);
  expect((await f.call('DELETE', `/v1/tokens/${first.api_token.id}`)).status).toBe(204);
  expect([await asks(first), await asks(second)]).toEqual([401, 200]);
  expect(await f.call('DELETE', `/v1/tokens/${first.api_token.id}`)).toMatchObject({ status: 404, body: { name: 'not_found' } }); // prettier-ignore
  const listed = (await f.call('GET', '/v1/tokens')).body['tokens'] as Record<string, unknown>[];
  expect(listed.find(({ id }) => id === second.api_token.id)).toHaveProperty('last_used_at');
});

test.each(['/v1/databases', '/v1/databases/nope', '/v1/cluster/join-token'])(
  'GET %s with a token that was known a moment ago, and is revoked, answers and changes nothing',
  async (url) => {
    const { api_token: one, token } = await make('admin');
    const headers = { host: '127.0.0.1', authorization: `Bearer ${token}` };
    const asks = async () => (await f.app.inject({ method: 'GET', url, headers })).statusCode;
    await f.app.inject({ method: 'GET', url: '/v1/databases', headers });
    await f.kv.commit([], [apiTokens.remove(one.id)]);
    const commit = jest.spyOn(f.kv, 'commit');
    expect([await asks(), commit.mock.calls.length]).toEqual([401, 0]);
    commit.mockRestore();
  },
);

describe('where nothing is heard of what other servers write', () => {
  let deaf: Fixture;
  let asks: (method: 'GET' | 'POST', url: string, token: string, payload?: object) => Promise<number>;
  let now: jest.SpyInstance<number, []>;
  beforeAll(async () => {
    deaf = await openFixture();
    jest.spyOn(deaf.kv, 'watch').mockRejectedValue(new Error('not now'));
    asks = async (method, url, token, payload) => {
      const headers = { host: '127.0.0.1', authorization: `Bearer ${token}` };
      return (await deaf.app.inject({ method, url, headers, ...(payload && { payload }) })).statusCode;
    };
  });
  beforeEach(() => void (now = jest.spyOn(performance, 'now').mockReturnValue(10_000)));
  afterEach(() => now.mockRestore());
  afterAll(() => deaf.app.close());
  const made = async () =>
    (await deaf.call('POST', '/v1/tokens', { name: 'x', role: 'admin' })).body as unknown as Made;
  const readsOf = (id: string, get: jest.SpyInstance): number =>
    get.mock.calls.filter(([key]) => key === apiTokens.key(id)).length;

  test('what reads believes for a second that a token is still good, and asks the store once in that time', async () => {
    const { api_token: one, token } = await made();
    const get = jest.spyOn(deaf.kv, 'get');
    for (let i = 0; i < 5; i += 1) expect(await asks('GET', '/v1/databases', token)).toBe(200);
    expect(readsOf(one.id, get)).toBe(1);
    await deaf.kv.commit([], [apiTokens.remove(one.id)]);
    now.mockReturnValue(10_999);
    expect(await asks('GET', '/v1/databases', token)).toBe(200);
    now.mockReturnValue(11_001);
    expect(await asks('GET', '/v1/databases', token)).toBe(401);
    get.mockRestore();
  });

  test('what changes something is refused with the transaction, and has changed nothing', async () => {
    const { api_token: one, token } = await made();
    expect(await asks('GET', '/v1/databases', token)).toBe(200);
    await deaf.kv.commit([], [apiTokens.remove(one.id)]);
    const count = async () => (await apiTokens.list(deaf.kv, [])).length;
    const before = await count();
    expect(await asks('POST', '/v1/tokens', token, { name: 'by nobody', role: 'admin' })).toBe(401);
    expect(await count()).toBe(before);
  });

  test('a change needs no look at the token, and what this server revokes is revoked at once', async () => {
    const { api_token: one, token } = await made();
    expect(await asks('GET', '/v1/databases', token)).toBe(200);
    const get = jest.spyOn(deaf.kv, 'get');
    expect(await asks('POST', '/v1/tokens', token, { name: 'another', role: 'viewer' })).toBe(200);
    expect(readsOf(one.id, get)).toBe(0);
    get.mockRestore();
    expect((await deaf.call('DELETE', `/v1/tokens/${one.id}`)).status).toBe(204);
    expect(await asks('GET', '/v1/databases', token)).toBe(401);
  });
});

test('one that has expired is listed for a month, and gone with the next one that is made', async () => {
  const day = 86_400_000;
  const at = (days: number): string => new Date(Date.now() + days * day).toISOString();
  const old = (id: string, days: number) => apiTokens.put({ ...{ id, name: id, role: 'viewer', hash: 'a'.repeat(64) }, createdAt: at(-99), expiresAt: at(days) }, id); // prettier-ignore
  await f.kv.commit([], [old('aaaaaaaaaaaa', -31), old('bbbbbbbbbbbb', -29)]);
  await make('viewer');
  const listed = (await f.call('GET', '/v1/tokens')).body['tokens'] as { id: string }[];
  expect(listed.map(({ id }) => id).filter((id) => /^(a+|b+)$/.test(id))).toEqual(['bbbbbbbbbbbb']);
});

test.each([
  [{ name: 'x' }, 'role'],
  [{ name: '', role: 'viewer' }, 'name'],
  [{ name: 'x', role: 'root' }, 'role'],
  [{ name: 'x', role: 'viewer', expires_in_days: 0 }, 'expires_in_days'],
  [{ name: 'x', role: 'viewer', expires_in_day: 1 }, 'expires_in_day'],
])('%j is refused, and the field is named', async (body, field) => {
  const { status, body: answer } = await f.call('POST', '/v1/tokens', body);
  expect([status, String(answer['message'])]).toEqual([400, expect.stringContaining(field)]);
});

test('where loopback asks for a login, too, nobody is answered without one but what is open', async () => {
  const app = await buildApp(f.deps, false, { loginOnLoopback: true });
  const { token } = await make('viewer');
  const ask = async (url: string, headers: Record<string, string> = {}) => {
    const { statusCode, headers: given } = await app.inject({ method: 'GET', url, headers: { host: '127.0.0.1', ...headers } }); // prettier-ignore
    return [statusCode, given['www-authenticate']];
  };
  expect(await ask('/v1/databases')).toEqual([401, 'Bearer realm="windlass"']);
  expect(await ask('/v1/databases', { authorization: `bearer ${token}` })).toEqual([200, undefined]);
  expect(await ask('/v1/tokens', { authorization: `Bearer ${token}` })).toEqual([403, undefined]);
  expect(await ask('/healthz')).toEqual([200, undefined]);
  await app.close();
});
