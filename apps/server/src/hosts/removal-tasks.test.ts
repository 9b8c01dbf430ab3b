import { removalRecords } from '@windlass/resources/platform/records';
import { begin, outboxEntries, taskRecords, type TaskRecord } from '@windlass/resources/tasks';
import { Sweeper } from '../core/tasks/sweeper.ts';
import { shopSpec, type Fixture } from '../testing/fixture.ts';
import { declare, node, openHosts, remove, started } from '../testing/removals.ts';

let f: Fixture;
beforeEach(async () => void (f = await openHosts(() => new Date())));
afterEach(() => f.app.close());

describe('the sweeper', () => {
  const sweep = () => new Sweeper(f.deps, () => undefined).sweep();
  const task = async () => (await f.kv.list(taskRecords.under('host', 'host-2')))[0]?.value as TaskRecord;

  test('starts a removal whose start was lost, as any task that was accepted', async () => {
    f.temporal.down = true;
    await remove(f, 'host-2');
    f.temporal.down = false;
    const { taskId } = await task();
    expect((await f.kv.list('outbox/')).map(({ key, value }) => [key, value])).toEqual([
      [outboxEntries.key(taskId), { entity: { kind: 'host', id: 'host-2' }, taskId, type: 'remove_host', input: {} }],
    ]);
    await sweep();
    expect(started(f, 'removeHost')).toEqual([
      {
        type: 'removeHost',
        id: 'host/host-2',
        taskId,
        input: { hostId: 'host-2', taskId },
        summary: 'remove host host-2',
        details: `Task \`${taskId}\` of host **host-2**. It waits for the updates that take the host out of its databases.`,
        attributes: { WindlassEntity: 'host/host-2', WindlassHostId: ['host-2'], WindlassTaskType: 'remove_host' },
      },
    ]);
  });

  test('starts one that an earlier release accepted: it kept no entry of it in the outbox', async () => {
    f.temporal.down = true;
    await remove(f, 'host-2');
    f.temporal.down = false;
    await f.kv.commit([], [{ removePrefix: 'outbox/' }]);
    await sweep();
    expect(started(f, 'removeHost')).toMatchObject([{ id: 'host/host-2', taskId: (await task()).taskId }]);
  });

  test('ends one that Temporal refuses for good; the host can be removed again', async () => {
    f.temporal.refusal = 'Temporal refuses';
    await remove(f, 'host-2');
    await sweep();
    expect(await task()).toMatchObject({ status: 'failed', error: 'Temporal refuses' });
    expect([await f.kv.list('outbox/'), await f.kv.list(removalRecords.under())]).toEqual([[], []]);
  });

  test('ends one whose workflow is gone, after some rounds; then it can be asked for again', async () => {
    await remove(f, 'host-2');
    await begin(f.kv, await task(), { owns: true });
    f.temporal.running.delete('host/host-2');
    const sweeper = new Sweeper(f.deps, () => undefined);
    for (let i = 0; i < 4; i += 1) await sweeper.sweep();
    expect((await task()).status).toBe('running');
    await sweeper.sweep();
    expect(await task()).toMatchObject({ status: 'failed', error: 'the workflow ended without recording a result' });
    expect((await remove(f, 'host-2')).status).toBe(200);
  });
});

describe('update-database with remove_host', () => {
  const update = (query: string) =>
    f.call('POST', `/v1/databases/shop${query}`, { spec: { ...shopSpec, nodes: [node('n1', 'host-1')] } });

  test('the hosts are taken as gone while it runs', async () => {
    await declare(f, 'shop', [node('n1', 'host-1', 'host-2', 'host-3')]);
    expect((await update('?remove_host=host-2&remove_host=host-3')).status).toBe(200);
    expect(started(f, 'updateDatabase')).toMatchObject([{ input: { goneHosts: ['host-2', 'host-3'] } }]);
  });

  test('an id that is none is refused', async () => {
    await declare(f, 'shop', [node('n1', 'host-1')]);
    expect((await update('?remove_host=No_Good')).body).toMatchObject({ name: 'invalid_input' });
  });
});
