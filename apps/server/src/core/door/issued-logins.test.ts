import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { auditLines } from '@windlass/resources/audit';
import type { FastifyInstance } from 'fastify';
import { importJWK, SignJWT, type JWK, type JWTHeaderParameters } from 'jose';
import { buildApp } from '../../app.ts';
import { newKey, startIssuer, type RunningIssuer } from '../../testing/issuer.ts';
import { openTenants, type TenantsWorld } from '../../testing/tenants-world.ts';
import type { Issuer } from './issuer.ts';
import type { KeyTimes } from './issuer-keys.ts';

const AUDIENCE = 'https://windlass.example';
const CLIENTS = {
  ops: { groups: ['staff', 'oncall'], tenants: ['acme'], preferred_username: 'Olga' },
  platform: { groups: ['platform', 'oncall'], tenants: ['*'] },
  both: { groups: ['platform'], tenants: ['acme', 'globex', 'No_Good', 7] },
  stranger: { groups: ['staff'], tenants: ['acme'] },
  homeless: { groups: ['platform'] },
};
const TIMES: KeyTimes = { withinMs: 1000, pauseMs: 100, refreshMs: 60_000, unknownMs: 0 };

let key: JWK;
let issuer: RunningIssuer;
let w: TenantsWorld;
let time: Date;
let apps: FastifyInstance[];
beforeAll(async () => {
  key = await newKey('k1');
  issuer = await startIssuer([key], CLIENTS);
});
afterAll(() => issuer.stop());
beforeEach(async () => {
  apps = [];
  time = new Date();
  w = await openTenants();
});
afterEach(async () => {
  for (const one of [w.app, ...apps]) await one.close();
});

const settings = (more: Partial<Issuer> = {}): Issuer => ({
  ...{ url: issuer.url, audiences: ['https://other.example', AUDIENCE], leewaySeconds: 30, keysMs: 3_600_000 },
  ...{ roleClaim: 'groups', roles: new Map([['oncall', 'operator'], ['platform', 'admin']] as const) }, // prettier-ignore
  ...{ tenantClaim: 'tenants', ...more },
});

interface Answered {
  readonly status: number;
  readonly name: unknown;
  readonly message: string;
  readonly body: Record<string, unknown>;
}
type Ask = (token: string, url?: string, method?: 'GET' | 'POST') => Promise<Answered>;

/** A server that knows the issuer. */
async function serve(more: Partial<Issuer> = {}, times: KeyTimes = TIMES): Promise<Ask> {
  const deps = Object.create(w.deps, { now: { value: () => time } }) as typeof w.deps;
  const app = await buildApp(deps, false, { loginOnLoopback: true, issuer: settings(more), issuerTimes: times });
  apps.push(app);
  return async (token, url = '/v1/databases', method = 'GET') => {
    const answer = await app.inject({ method, url, headers: { authorization: `Bearer ${token}` } });
    const body = answer.json<Record<string, unknown>>();
    return { status: answer.statusCode, name: body['name'], message: String(body['message']), body };
  };
}

/** A JWT of somebody's making. */
async function made(
  claims: object,
  {
    header = {},
    by = key,
    expires = 300,
  }: { readonly header?: object; readonly by?: JWK; readonly expires?: number } = {},
): Promise<string> {
  const { alg = '', kid = '' } = by;
  const at = Math.floor(Date.now() / 1000);
  const full = {
    iss: issuer.url,
    aud: AUDIENCE,
    sub: 'x',
    exp: at + expires,
    groups: ['platform'],
    tenants: ['*'],
    ...claims,
  };
  return new SignJWT(full)
    .setProtectedHeader({ alg, kid, ...header } as JWTHeaderParameters)
    .sign(await importJWK(by, alg));
}
const base64 = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

test.each([
  ['platform', { databases: ['bank', 'free', 'shop'], tokens: 200, refused: undefined }],
  ['ops', { databases: ['shop'], tokens: 403, refused: /^the login 'Olga' of the issuer, of an operator, does not open this, which is for admins: / }], // prettier-ignore
  ['both', { databases: ['bank', 'shop'], tokens: 403, refused: /is for the tenants 'acme' and 'globex' alone and does not open this/ }], // prettier-ignore
] as const)('%s has the role and the tenants that the claims say', async (client, { databases, tokens, refused }) => {
  const ask = await serve();
  const token = await issuer.login(client, AUDIENCE);
  const { body } = await ask(token);
  expect((body['databases'] as { id: string }[]).map(({ id }) => id)).toEqual(databases);
  const { status, message } = await ask(token, '/v1/tokens');
  expect(status).toBe(tokens);
  if (refused) expect(message).toMatch(refused);
});

test('who has no role, or no tenant where tenants are asked for, is let in nowhere, and told so', async () => {
  const ask = await serve();
  const stranger = await ask(await issuer.login('stranger', AUDIENCE));
  expect(stranger).toMatchObject({ status: 403, message: expect.stringMatching(/^the login 'stranger' of the issuer, to whom it gives no role, does not open this, which is for viewers: /) as string }); // prettier-ignore
  const homeless = await ask(await issuer.login('homeless', AUDIENCE));
  expect(homeless).toMatchObject({ status: 403, message: expect.stringMatching(/^the login 'homeless' of the issuer, of an admin, is for no tenant: /) as string }); // prettier-ignore
  const open = await serve({ tenantClaim: undefined });
  expect((await open(await issuer.login('homeless', AUDIENCE))).status).toBe(200);
});

test('the audit names the subject', async () => {
  const ask = await serve();
  await ask(await issuer.login('platform', AUDIENCE), '/v1/databases/nope', 'POST');
  await ask(await issuer.login('ops', AUDIENCE), '/v1/databases/shop', 'POST');
  for (const one of apps.splice(0)) await one.close();
  const told = (await auditLines.list(w.kv, [])).map(({ value: { who, answer } }) => [who, answer?.status]);
  expect(told).toEqual([
    [{ kind: 'oidc', id: 'platform', role: 'admin' }, 400],
    [{ kind: 'oidc', id: 'ops', name: 'Olga', role: 'operator' }, 403],
  ]);
});

test('what is no login here is refused with the reason, and nobody is let in by it', async () => {
  const ask = await serve();
  const other = await newKey('k1');
  const foreign = await startIssuer([key], CLIENTS);
  const theirs = await foreign.login('platform', AUDIENCE);
  await foreign.stop();
  const [head = '', claims = ''] = (await made({})).split('.');
  const { x = '' } = key;
  const cases: readonly (readonly [string, string, string])[] = [
    ['for another audience', await issuer.login('platform', 'https://elsewhere.example'), "is not for 'https://other.example' or"],
    ['of another issuer with the same keys', theirs, `is not of the issuer '${issuer.url}'`],
    ['signed by another key of the same name', await made({}, { by: other }), 'is not signed by a key of the issuer'],
    ['signed by a key nobody knows', await made({}, { by: await newKey('k9') }), 'is not signed by a key of the issuer'],
    ['not signed', `${base64({ alg: 'none' })}.${claims}.`, 'is not signed by a key of the issuer'],
    ['signed with the public key as a secret', await made({}, { by: { kty: 'oct', k: x, alg: 'HS256', kid: 'k1' } }), 'is not signed'],
    ['with other claims under the signature', `${head}.${base64({ iss: issuer.url })}.${(await made({})).split('.')[2] ?? ''}`, 'is not signed'],
    ['that has expired', await made({}, { expires: -120 }), 'has expired'],
    ['that is not good yet', await made({ nbf: Math.floor(Date.now() / 1000) + 60 }), 'is not good yet'],
    ['without an end', await made({ exp: undefined }), "the claim 'exp' of the JWT is missing"],
    ['without a subject', await made({ sub: undefined }), "the claim 'sub' of the JWT is missing"],
    ['that is a logout', await made({}, { header: { typ: 'logout+jwt' } }), "is no login, but 'logout+jwt'"],
    ['of no form', 'a.b', 'is not known here'],
  ]; // prettier-ignore
  for (const [what, token, why] of cases) {
    const { status, name, message } = await ask(token);
    expect([what, status, name, message]).toEqual([what, 401, 'login_required', expect.stringContaining(why)]);
  }
  expect((await ask(await made({}))).status).toBe(200);
});

test('clocks may differ by the leeway, and no more', async () => {
  const ask = await serve({ leewaySeconds: 10 });
  const token = await made({}, { expires: 60 });
  const after = async (seconds: number) => {
    time = new Date(Date.now() + seconds * 1000);
    return (await ask(token)).status;
  };
  expect([await after(0), await after(65), await after(75)]).toEqual([200, 200, 401]);
});

test('claims may lie deep, or have dots in their names; without a table a value is the role, or the tenant', async () => {
  const plain = { roles: undefined };
  const deep = await serve({ ...plain, roleClaim: 'realm_access.roles' });
  expect((await deep(await made({ realm_access: { roles: ['viewer', 'x'] } }))).status).toBe(200);
  expect((await deep(await made({ realm_access: { roles: ['root'] } }))).status).toBe(403);
  const named = await serve({ ...plain, roleClaim: 'https://windlass.example/role', tenants: new Map([['group-a', 'acme']]) }); // prettier-ignore
  const { body } = await named(
    await made({ 'https://windlass.example/role': 'viewer', tenants: ['group-a', 'globex'] }),
  );
  expect((body['databases'] as { id: string }[]).map(({ id }) => id)).toEqual(['shop']);
});

/** Asks until it is so. */
async function until(what: () => Promise<boolean>): Promise<void> {
  for (let left = 200; !(await what()); left -= 1) {
    if (left === 0) throw new Error('it did not come true');
    await delay(50);
  }
}

describe('the issuer changes', () => {
  let own: RunningIssuer;
  beforeEach(async () => void (own = await startIssuer([key], CLIENTS)));
  afterEach(() => own.stop());
  const again = async (keys: readonly JWK[]): Promise<void> => {
    await own.stop();
    own = await startIssuer(keys, CLIENTS, own.port);
  };

  test('a new key is good at once; one that is taken back is no use once the keys were read again', async () => {
    const ask = await serve({ url: own.url }, { ...TIMES, refreshMs: 100 });
    const first = await own.login('platform', AUDIENCE);
    expect((await ask(first)).status).toBe(200);
    const next = await newKey('k2', 'RS256');
    await again([next, key]);
    const second = await own.login('platform', AUDIENCE);
    await until(async () => (await ask(second)).status === 200);
    expect((await ask(first)).status).toBe(200);
    await again([next]);
    await until(async () => (await ask(first)).status === 401);
    expect((await ask(second)).status).toBe(200);
  });

  test('while it is down tokens work, and JWTs as long as its keys are kept; then it is said that nobody can tell', async () => {
    const ask = await serve({ url: own.url, keysMs: 1500 });
    const [jwt, token] = [await own.login('platform', AUDIENCE), (await w.login('viewer')).slice('Bearer '.length)];
    expect((await ask(jwt)).status).toBe(200);
    await own.stop();
    expect([(await ask(jwt)).status, (await ask(token)).status]).toEqual([200, 200]);
    await until(async () => (await ask(jwt)).status === 503);
    const { name, message } = await ask(jwt);
    expect([name, message]).toEqual(['issuer_unavailable', expect.stringContaining(`the issuer '${own.url}' does not give its keys: `)]); // prettier-ignore
    expect((await ask(token)).status).toBe(200);
    own = await startIssuer([key], CLIENTS, own.port);
    await until(async () => (await ask(jwt)).status === 200);
  });

  test('a server that starts without it lets tokens in, and JWTs once it is there', async () => {
    const jwt = await own.login('platform', AUDIENCE);
    await own.stop();
    const ask = await serve({ url: own.url });
    expect([(await ask(jwt)).status, (await ask((await w.login('viewer')).slice(7))).status]).toEqual([503, 200]);
    own = await startIssuer([key], CLIENTS, own.port);
    await until(async () => (await ask(jwt)).status === 200);
  });
});

test.each([
  ['calls itself otherwise', (url: string) => ({ issuer: `${url}/`, jwks_uri: `${url}/keys` }), /it calls itself .* WINDLASS_OIDC_ISSUER has to say the same/],
  ['has its keys where anybody can change them', (url: string) => ({ issuer: url, jwks_uri: 'http://keys.example/' }), /which is not https/],
  ['says nothing of keys', (url: string) => ({ issuer: url }), /does not give its keys/],
])('an issuer that %s is not believed', async (_what, says, why) => {
  const server = http.createServer((_request, answer) => answer.end(JSON.stringify(says(url)))).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  const ask = await serve({ url });
  expect(await ask(await made({ iss: url }))).toMatchObject({ status: 503, name: 'issuer_unavailable', message: expect.stringMatching(why) as string }); // prettier-ignore
  await new Promise((resolve) => server.close(resolve));
}); // prettier-ignore

test('one that hangs takes no place of others: tokens are answered, and it is not asked again and again', async () => {
  let asked = 0;
  const server = http.createServer(() => void (asked += 1)).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  const jwt = await made({ iss: url });
  const token = (await w.login('viewer')).slice('Bearer '.length);
  const app = await buildApp(w.deps, false, {
    ...{ loginOnLoopback: true, issuer: settings({ url }), issuerTimes: { ...TIMES, withinMs: 500, pauseMs: 60_000 } },
    limits: {
      perLogin: 0,
      perAddress: 0,
      refusedLogins: 0,
      changesAtOnce: 1,
      readsAtOnce: 1,
      asksAtOnce: 1,
      streams: 1,
    },
  });
  apps.push(app);
  const ask = async (bearer: string) =>
    (await app.inject({ method: 'GET', url: '/v1/databases', headers: { authorization: `Bearer ${bearer}` } })).statusCode; // prettier-ignore
  const waiting = Promise.all(Array.from({ length: 20 }, () => ask(jwt)));
  expect(await ask(token)).toBe(200);
  expect(await waiting).toEqual(Array(20).fill(503));
  expect([await ask(jwt), asked]).toEqual([503, 1]);
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});
