import { taskRecords } from '@windlass/resources/tasks';
import type { TestCommand } from './testing/command.ts';
import { eachTest } from './testing/each-test.ts';
import { PRIMARY, REPLICA, type TestServer } from './testing/server.ts';

let server: TestServer;
let cli: TestCommand;
eachTest((now) => ([server, cli] = now));

test('a drain says who hands over and what stays, and asks; a drained host is in the list until it is resumed', async () => {
  const dry = await cli.windlass(['host', 'drain', 'host-1', '--dry-run']);
  expect([dry.code, dry.out]).toEqual([0, expect.stringContaining(`${PRIMARY} hands node n1 of database shop over`)]);
  const json = await cli.windlass(['host', 'drain', 'host-2', '--dry-run', '-o', 'json']);
  expect(JSON.parse(json.out)).toMatchObject({ moves: [], stays: [{ instance_id: REPLICA, role: 'replica' }] });
  const refused = await cli.windlass(['host', 'drain', 'host-2']);
  expect([refused.code, refused.err]).toEqual([2, expect.stringContaining(`${REPLICA} stays: a replica`)]);
  expect((await cli.windlass(['host', 'list'])).out).not.toContain('DRAIN');
  const done = await cli.windlass(['host', 'drain', 'host-2', '--yes']);
  expect([done.code, done.out]).toEqual([0, expect.stringContaining('drain_host of host host-2 is pending')]);
  expect((await cli.windlass(['host', 'list'])).out).toMatch(/DRAIN\.STATE[^]*host-2.*draining/);
  const busy = await cli.windlass(['host', 'resume', 'host-2']);
  expect([busy.code, busy.err]).toEqual([3, expect.stringContaining('is being drained')]);
  const { body } = await server.fixture.call('GET', '/v1/hosts/host-2');
  const id = (body['drain'] as { task_id: string }).task_id;
  await taskRecords.change(server.fixture.kv, ['host', 'host-2', id], (task) => ({ ...task, status: 'completed' }));
  expect((await cli.windlass(['describe', 'host', 'host-2'])).out).toContain('windlass host resume host-2');
  expect((await cli.windlass(['doctor'])).out).toContain('warn  host host-2: drain: drained since');
  expect((await cli.windlass(['host', 'resume', 'host-2'])).out).toBe('host host-2 takes databases again\n');
});
