import { openFixture, shopSpec, type Fixture } from './testing/fixture.ts';

let f: Fixture;
beforeEach(async () => void (f = await openFixture()));
afterEach(() => f.app.close());

const deep = '['.repeat(20_000) + ']'.repeat(20_000);
test.each([
  ['no JSON', '{'],
  ['nothing', ''],
  ['an array', '[]'],
  ['null', 'null'],
  ['a number', '7'],
  ['wrong types', JSON.stringify({ id: 7, spec: 'x' })],
  ['an empty object', '{}'],
  ['prototype pollution', '{"__proto__":{"a":1},"spec":{"__proto__":{}}}'],
  ['deep nesting', `{"spec":${deep}}`],
  ['5 MB', JSON.stringify({ spec: 'x'.repeat(5_000_000) })],
  ['NUL', JSON.stringify({ id: 'a\u0000b', spec: shopSpec })],
])('%s as a body is a 4xx in no time, never a 500', async (_what, body) => {
  const times: number[] = [];
  for (let i = 0; i < 3; i += 1) {
    const before = process.cpuUsage();
    const answer = await f.call('POST', '/v1/databases', body);
    const { user, system } = process.cpuUsage(before);
    times.push((user + system) / 1000);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    expect(answer.body).toMatchObject({ name: expect.any(String) as string, message: expect.any(String) as string });
  }
  // Of the processor, and the least of three: the first one also has code compiled, and others use the caches, too.
  expect(Math.min(...times)).toBeLessThan(250);
});
