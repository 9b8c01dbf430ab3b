import { migrateStore } from '@windlass/resources/store';
import { aBox, RECORDED, recordedAnswers, recordedStore } from '@windlass/resources/testing';
import { openFixture, type Fixture } from './testing/fixture.ts';

/** When the answers were given, the store having been recorded four seconds before. */
const CLOCK = new Date('2026-11-26T06:07:29Z');
/** What goes on with time. */
const MOVING = /^(updated_at|status_updated_at|revision|.*_seconds)$/;
/** What that release did not answer yet. */
const ADDED = /^verified_(writer|reader)$/;
const still = (answer: unknown): unknown =>
  JSON.parse(
    JSON.stringify(answer, (name, value: unknown) => (MOVING.test(name) || ADDED.test(name) ? undefined : value)),
  );

describe.each(RECORDED)('a store of %s, upgraded', (release) => {
  let f: Fixture;
  beforeAll(async () => {
    f = await openFixture('', () => CLOCK);
    await recordedStore(release, f.kv);
    await migrateStore(f.kv, { by: 'test', box: aBox(f.kv), tell: () => undefined });
  });
  afterAll(() => f.app.close());

  it.each(Object.keys(recordedAnswers(release)))('answers as that release did: %s', async (path) => {
    const { status, body } = await f.call('GET', path);
    expect([status, still(body)]).toEqual([200, still(recordedAnswers(release)[path])]);
  });

  it('lists every database, task, host and backup', async () => {
    const ids = async (path: string, name: string) =>
      ((await f.call('GET', path)).body[name] as { id?: string; task_id?: string }[]).map(
        (one) => one.id ?? one.task_id,
      );
    expect(await ids('/v1/databases', 'databases')).toEqual(expect.arrayContaining(['back', 'broken', 'copy', 'left', 'open', 'shop'])); // prettier-ignore
    expect((await ids('/v1/hosts', 'hosts')).length).toBe(3);
    expect((await ids('/v1/tasks', 'tasks')).length).toBeGreaterThan(15);
    expect((await ids('/v1/databases/left/tasks', 'tasks')).length).toBe(3);
  });

  it('refuses what an open task forbids, and takes what it does not', async () => {
    const { status, headers } = await f.call('DELETE', '/v1/databases/left');
    expect([status, headers['goa-error']]).toEqual([409, 'database_not_modifiable']);
    const accepted = await f.call('DELETE', '/v1/databases/copy');
    expect([accepted.status, (accepted.body['task'] as { type: string }).type]).toEqual([200, 'delete']);
  });
});
