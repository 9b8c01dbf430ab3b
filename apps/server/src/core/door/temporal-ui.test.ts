import { buildApp } from '../../app.ts';
import { apiTokens } from '@windlass/resources/platform/records';
import type { FastifyInstance } from 'fastify';
import { openFixture, type Fixture } from '../../testing/fixture.ts';
import { newToken } from './api-token.ts';

const UI = 'http://127.0.0.1:8233';
const URL = '/v1/temporal/codec/decode';
let f: Fixture;
let app: FastifyInstance;
beforeAll(async () => {
  f = await openFixture();
  app = await buildApp(f.deps, false, { temporalUi: [UI, 'https://temporal.example'] });
});
afterAll(async () => {
  await app.close();
  await f.app.close();
});

const ask = (origin: string | undefined, { url = URL, method = 'POST', ...headers }: Record<string, string> = {}) =>
  app.inject({
    method: method as 'POST',
    url,
    headers: { ...(origin !== undefined && { origin, 'sec-fetch-site': 'same-site' }), ...headers },
    ...(method === 'POST' && { payload: { payloads: [] } }),
  });

test('its page is answered, and may read the answer; a page of any other origin is not, and may not', async () => {
  for (const origin of [UI, 'https://temporal.example']) {
    const answer = await ask(origin);
    expect([answer.statusCode, answer.json()]).toEqual([200, { payloads: [] }]);
    expect(answer.headers).toMatchObject({ 'access-control-allow-origin': origin, vary: 'origin' });
  }
  for (const origin of [
    'http://127.0.0.1:8234',
    'https://127.0.0.1:8233',
    'http://evil.example',
    'null',
    `${UI}.evil`,
  ]) {
    const { statusCode, headers } = await ask(origin);
    expect([origin, statusCode, headers['access-control-allow-origin']]).toEqual([origin, 403, undefined]);
  }
});

test('before it asks, its browser is told what it may send', async () => {
  const asked = { method: 'OPTIONS', 'access-control-request-method': 'POST' };
  const { statusCode, headers, body } = await ask(UI, asked);
  expect([statusCode, body]).toEqual([204, '']);
  expect(headers).toMatchObject({
    'access-control-allow-origin': UI,
    'access-control-allow-credentials': 'true',
    'access-control-allow-methods': 'POST',
    'access-control-allow-headers': expect.stringContaining('authorization') as string,
  });
  expect((await ask('http://evil.example', asked)).statusCode).toBe(403);
});

test('nothing else is for it', async () => {
  for (const [url, method] of [
    ['/v1/databases', 'GET'],
    ['/v1/databases', 'OPTIONS'],
    ['/v1/tokens', 'POST'],
    ['/nowhere', 'GET'],
  ] as const)
    expect([url, (await ask(UI, { url, method })).json<{ name: string }>().name]).toEqual([url, 'foreign_request']);
});

test('a server that was told of none lets none in', async () => {
  expect((await f.call('POST', URL, { payloads: [] }, { origin: UI })).status).toBe(403);
  expect((await f.call('POST', URL, { payloads: [] })).status).toBe(200);
});

test('where a login is asked for, its page reads why it is refused', async () => {
  const strict = await buildApp(f.deps, false, { temporalUi: [UI], loginOnLoopback: true });
  const { id, token, hash } = newToken();
  const expiresAt = new Date(Date.now() + 60_000).toISOString();
  await f.kv.commit([], [apiTokens.put({ id, name: 'x', role: 'viewer', hash, createdAt: expiresAt, expiresAt }, id)]);
  const sent = (authorization?: string) =>
    strict.inject({ method: 'POST', url: URL, payload: { payloads: [] }, headers: { origin: UI, ...(authorization !== undefined && { authorization }) } }); // prettier-ignore
  const refused = await sent();
  expect([refused.statusCode, refused.headers['access-control-allow-origin']]).toEqual([401, UI]);
  expect((await sent('Bearer wl_x')).statusCode).toBe(401);
  expect((await sent(`Bearer ${token}`)).statusCode).toBe(200);
  await strict.close();
});
