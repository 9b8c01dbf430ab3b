import { databaseSpecs } from '@windlass/resources/postgres/records';
import { appendLog } from '@windlass/resources/tasks';
import { hostRecords } from '@windlass/resources/platform/records';
import { changeInstance } from '../../server/src/testing/contract-world.ts';
import { bytes, span } from './output/quantities.ts';
import type { TestCommand } from './testing/command.ts';
import { eachTest } from './testing/each-test.ts';
import { PRIMARY, REPLICA, type TestServer } from './testing/server.ts';

let server: TestServer;
let cli: TestCommand;
eachTest((now) => ([server, cli] = now));

test('a database at 3 a.m.: why it is degraded, who is behind, backups, what runs and at which step, what happened, what to do', async () => {
  const f = server.fixture;
  const stored = (await databaseSpecs.get(f.kv, 'shop'))!.value;
  const backup_config = {
    repositories: [{ type: 'posix' as const, base_path: '/b' }],
    schedules: [{ id: 'nightly', type: 'full' as const, cron_expression: '0 3 * * *' }],
  };
  await f.kv.commit([], [databaseSpecs.put({ ...stored, spec: { ...stored.spec, backup_config } }, 'shop')]);
  await changeInstance(f, PRIMARY, { conditions: [{ type: 'slot_holds_wal', message: 'slot x holds 3 GiB', since: '2026-01-01T00:00:00Z' }] }); // prettier-ignore
  await changeInstance(f, REPLICA, { lagBytes: 5 * 2 ** 20 });
  const { out } = await cli.windlass(['restart', 'shop', REPLICA, '-o', 'name']);
  const id = out.trim().replace('task/', '');
  await appendLog(f.kv, { scope: 'database', entityId: 'shop', taskId: id }, 'restarting Postgres');
  const { out: said } = await cli.windlass(['describe', 'database', 'shop']);
  for (const part of [
    /^Why\nslot_holds_wal: slot x holds 3 GiB$/m,
    new RegExp(`^${REPLICA} +n1 +host-2 +replica +available +5 MiB`, 'm'),
    /^n1: last never, next 20\d\d-\d\d-\d\dT03:00:00Z \(full\), nothing can be restored$/m,
    /^Now\nrestart_instance is pending, begun \d s ago: restarting Postgres$/m,
    /^Last events\n(.*\n)+1 .*loopback.*restart-instance +database\/shop +200$/m,
    new RegExp(`^What to do\nrestart_instance runs: windlass task watch ${id}; to stop it: windlass task cancel ${id}\n.*conditions.md\n.*windlass doctor$`, 'm'), // prettier-ignore
  ])
    expect(said).toMatch(part);
});

test('an instance that is stopped is told with its reason, and how to start it', async () => {
  await changeInstance(server.fixture, REPLICA, { container: 'stopped', streaming: false, error: 'instance stopped: its container is exited' }); // prettier-ignore
  const { out } = await cli.windlass(['describe', 'database', 'shop']);
  expect(out).toContain(`Why\n${REPLICA}: stopped: instance stopped: its container is exited\n`);
  expect(out).toContain(`windlass start shop ${REPLICA}\n`);
});

test('a viewer sees all of it but the audit', async () => {
  cli.env['WINDLASS_TOKEN'] = (await cli.windlass(['token', 'create', 'ci', '--role', 'viewer'])).out.trim();
  const { code, out } = await cli.windlass(['describe', 'database', 'shop']);
  expect([code, out]).toEqual([0, expect.stringContaining('Last tasks')]);
  expect(out).not.toContain('Last events');
});

test('of a host that is degraded the part that is not well', async () => {
  const { kv } = server.fixture;
  const host = (await hostRecords.get(kv, 'host-2'))!.value;
  const disk = { healthy: false, error: 'less than 1 GiB or 5 % is free' };
  await kv.commit([], [hostRecords.put({ ...host, components: { disk } }, 'host-2')]);
  expect((await cli.windlass(['describe', 'host', 'host-2'])).out).toContain(`Why\ndisk: ${disk.error}\n`);
});

test('quantities are written in the largest unit that says enough', () => {
  expect([0, 1023, 4096, 1536, 5 * 2 ** 30].map(bytes)).toEqual(['0 B', '1023 B', '4 KiB', '1.5 KiB', '5 GiB']);
  expect([5, 119, 600, 7200, 200_000].map(span)).toEqual(['5 s', '119 s', '10 min', '2 h', '2 days']);
});
