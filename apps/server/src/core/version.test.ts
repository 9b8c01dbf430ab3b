import { openFixture, type Fixture } from '../testing/fixture.ts';

let f: Fixture;
beforeAll(async () => void (f = await openFixture()));
afterAll(() => f.app.close());
afterEach(() => void delete process.env['WINDLASS_REVISION_TIME']);

const timeNow = async () => (await f.call('GET', '/v1/version')).body['revision_time'];

test('the time is that of the commit, as whoever started the server tells it', async () => {
  process.env['WINDLASS_REVISION_TIME'] = '2026-01-02T03:04:05Z';
  expect(await timeNow()).toBe('2026-01-02T03:04:05Z');
});

test('unless it is told, it is when the program was built, and not when it was started', async () => {
  expect(await timeNow()).toMatch(/^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  expect(Date.parse(String(await timeNow()))).toBeLessThan(Date.now() - process.uptime() * 1000);
});
