import { buildApp } from '../../app.ts';
import { refuseOtherNames } from './foreign-request.ts';
import { openFixture, type Fixture } from '../../testing/fixture.ts';

let f: Fixture;
beforeAll(async () => void (f = await openFixture()));
afterAll(() => f.app.close());

const ask = (headers: Record<string, string>, url = '/v1/databases') => f.call('GET', url, undefined, headers);

test.each(['localhost:3000', '127.0.0.1:3000', '[::1]:3000', 'LOCALHOST', 'localhost:8080', '127.0.0.9:3000'])(
  'in plain http %s is a name of this server',
  async (host) => {
    expect((await ask({ host })).status).toBe(200);
  },
);

test.each([
  ['evil.example:3000'],
  ['127.0.0.1.evil.example'],
  ['localhost.evil.example:3000'],
  ['192.0.2.1:3000'],
  ['[::2]:3000'],
  ['evil@localhost@evil.example'],
  ['windlass.example'],
])('%s is none: a name that leads to 127.0.0.1 would make its pages ours', async (host) => {
  for (const url of ['/v1/databases', '/healthz', '/docs/', '/nowhere'])
    expect(await ask({ host }, url)).toMatchObject({
      status: 403,
      headers: { 'goa-error': 'foreign_request' },
      body: { name: 'foreign_request', message: expect.stringContaining(`host '${host}' may not ask`) as string },
    });
});

test('a request without a host, as old programs send, is refused, too', () => {
  expect(() => refuseOtherNames({}, [])).toThrow("host '' may not ask");
});

test('the name a proxy passes on is one when it is configured', async () => {
  const app = await buildApp(f.deps, false, { publicNames: ['windlass.example'] });
  for (const [host, status] of [
    ['windlass.example', 200],
    ['other.example', 403],
  ] as const)
    // prettier-ignore
    expect((await app.inject({ url: '/v1/version', headers: { host } })).statusCode).toBe(status);
  await app.close();
});

test.each([
  [{ origin: 'https://evil.example' }, 403],
  [{ origin: 'null' }, 403],
  [{ origin: 'http://localhost:8080' }, 403],
  [{ 'sec-fetch-site': 'cross-site' }, 403],
  [{ 'sec-fetch-site': 'same-site' }, 403],
  [{ origin: 'http://localhost:3000', 'sec-fetch-site': 'same-origin' }, 200],
  [{ 'sec-fetch-site': 'none' }, 200],
])('a browser that says %j gets %i', async (headers, status) => {
  expect((await ask({ host: 'localhost:3000', ...(headers as Record<string, string>) })).status).toBe(status);
});
