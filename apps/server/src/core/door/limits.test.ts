import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { apiTokens } from '@windlass/resources/platform/records';
import { createCa, createCertificates } from '@windlass/resources/platform/trust';
import { buildApp } from '../../app.ts';
import { openFixture, type Fixture } from '../../testing/fixture.ts';
import { newToken } from './api-token.ts';
import { LIMITS, type Limits } from './limits.ts';

let f: Fixture;
let tokens: string[];
beforeAll(async () => {
  f = await openFixture();
  tokens = await Promise.all(['a', 'b'].map(tokenOf));
});
afterAll(() => f.app.close());

const opened: FastifyInstance[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((app) => app.close()));
});

async function tokenOf(name: string): Promise<string> {
  const { id, token, hash } = newToken();
  const [createdAt, expiresAt] = [0, 86_400_000].map((ms) => new Date(f.deps.now().getTime() + ms).toISOString());
  const record = { id, name, role: 'admin' as const, hash, createdAt: createdAt ?? '', expiresAt: expiresAt ?? '' };
  await f.kv.commit([], [apiTokens.put(record, id)]);
  return token;
}

/** A server with these limits, that asks for a login, on a port of its own. */
async function openServer(limits: Partial<Limits>): Promise<{ readonly app: FastifyInstance; readonly port: number }> {
  const app = await buildApp(f.deps, false, { loginOnLoopback: true, limits: { ...LIMITS, ...limits } });
  opened.push(app);
  await app.listen({ host: '127.0.0.1', port: 0 });
  return { app, port: (app.server.address() as AddressInfo).port };
}

interface Answer {
  readonly status: number;
  readonly name: string | undefined;
  readonly retryAfter: string | null;
}

async function ask(port: number, token: string, path = '/v1/databases', init: RequestInit = {}): Promise<Answer> {
  const answer = await fetch(`http://127.0.0.1:${String(port)}${path}`, {
    ...init,
    headers: { authorization: `Bearer ${token}` },
  });
  const body = (await answer.json()) as { readonly name?: string };
  return { status: answer.status, name: body.name, retryAfter: answer.headers.get('retry-after') };
}

const times = <T>(n: number, work: () => Promise<T>): Promise<T[]> => Promise.all([...Array(n)].map(work));
const count = (answers: readonly Answer[], status: number): number =>
  answers.filter((one) => one.status === status).length;

test('a login may send so many requests in a minute; another login is not kept from anything by that', async () => {
  const { port } = await openServer({ perLogin: 5, readsAtOnce: 0 });
  const [one = '', other = ''] = tokens;
  const answers = await times(8, () => ask(port, one));
  expect([count(answers, 200), count(answers, 429)]).toEqual([5, 3]);
  const refused = answers.find(({ status }) => status === 429);
  expect(refused?.name).toBe('too_many_requests');
  expect(Number(refused?.retryAfter)).toBeGreaterThan(0);
  expect(Number(refused?.retryAfter)).toBeLessThanOrEqual(60);
  expect((await ask(port, other)).status).toBe(200);
});

test('what is more than a server does at once is refused with a time, nothing of it is begun, and a slot is free afterwards', async () => {
  const { app, port } = await openServer({ readsAtOnce: 2, changesAtOnce: 1 });
  const [token = ''] = tokens;
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  const list = jest.spyOn(f.deps.kv, 'list').mockImplementation(async () => {
    await held;
    return [];
  });
  const slow = times(2, () => ask(port, token));
  while (list.mock.calls.length < 4) await new Promise(setImmediate);
  expect(await ask(port, token)).toEqual({ status: 503, name: 'overloaded', retryAfter: '1' });
  expect(list).toHaveBeenCalledTimes(4);
  expect((await app.inject('/healthz')).statusCode).toBe(200);
  list.mockRestore();
  const revoked = await ask(port, token, '/v1/tokens/aaaaaaaaaaaa', { method: 'DELETE' });
  expect(revoked).toMatchObject({ status: 404 });
  release();
  expect(count(await slow, 200)).toBe(2);
  expect((await ask(port, token)).status).toBe(200);
});

test('a client that goes away gives its slot back, and so does a stream of events', async () => {
  const { port } = await openServer({ streams: 1, readsAtOnce: 1 });
  const [token = ''] = tokens;
  const open = async (): Promise<http.IncomingMessage> => {
    const headers = { authorization: `Bearer ${token}` };
    const request = http.get({ host: '127.0.0.1', port, path: '/v1/events', headers, agent: false });
    return ((await once(request, 'response')) as [http.IncomingMessage])[0];
  };
  const first = await open();
  expect(first.statusCode).toBe(200);
  const second = await open();
  expect([second.statusCode, second.headers['retry-after']]).toEqual([503, '1']);
  expect((await ask(port, token)).status).toBe(200);
  first.destroy();
  for (let status: number | undefined = 503; status !== 200;) {
    const next = await open();
    status = next.statusCode;
    next.destroy();
  }
});

test('a request has to arrive whole within 30 s', async () => {
  const { app } = await openServer({});
  expect(app.server.requestTimeout).toBe(30_000);
});

/** The statuses of so many requests over TLS, one after the other, each with the token it is given. */
async function overTls(app: FastifyInstance, shown: readonly string[]): Promise<number[]> {
  await app.ready();
  const ca = await createCa('cluster');
  const issued = createCertificates(() => Promise.resolve(ca)).issue({ commonName: '', names: ['127.0.0.1'], days: 1 });
  const { certPem: cert, keyPem: key } = await issued;
  const server = https.createServer({ cert, key }, (req, res) => app.routing(req, res)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const statuses: number[] = [];
  for (const token of shown) {
    const headers = { authorization: `Bearer ${token}` };
    const request = https.get({
      host: '127.0.0.1',
      port,
      path: '/v1/databases',
      ca: ca.certPem,
      headers,
      agent: false,
    });
    const [answer] = (await once(request, 'response')) as [http.IncomingMessage];
    statuses.push(answer.statusCode ?? 0);
    answer.resume();
  }
  server.close();
  return statuses;
}

test('tokens that are no use are counted by address; one that is in use goes on, and so does everybody after a minute', async () => {
  const { app } = await openServer({ refusedLogins: 2 });
  const [used = '', unused = ''] = tokens;
  const wrong = newToken().token;
  expect(await overTls(app, [used, wrong, wrong, wrong, wrong, used, unused])).toEqual([
    200, 401, 401, 429, 429, 200, 429,
  ]);
  const later = Date.now() + 61_000;
  const clock = jest.spyOn(Date, 'now').mockImplementation(() => later);
  expect(await overTls(app, [unused])).toEqual([200]);
  clock.mockRestore();
});

test('requests from one address are counted, too, also where nobody has logged in', async () => {
  const { app } = await openServer({ perAddress: 3 });
  const [token = ''] = tokens;
  expect(await overTls(app, [token, 'wl_x', token, token])).toEqual([200, 401, 200, 429]);
});
