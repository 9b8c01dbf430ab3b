import { setTimeout as sleep } from 'node:timers/promises';
import { accept, completed, done, remove } from './client.ts';
import { forgetHost, startHost } from './hosts.ts';
import {
  Arrivals,
  NodeWriter,
  TABLE,
  allWell,
  factsOf,
  killContainer,
  onPrimary,
  primaryOf,
  untilEqual,
} from './nodes-load.ts';
import { bash, ENV, HOST, until } from './stack.ts';
import { sideBySide } from './side-by-side.ts';
import { versionOf } from './versions.ts';

/** 15 cannot copy slots to replicas, and 18 does it as 17 does. */
const MAJORS = [17];
/** How a fault of one node may hold up the others, on a machine that has to itself what it does: ten times as long counts as broken. */
const MOST_MS = 20_000;
const READY_MS = 180_000;

beforeAll(async () => {
  await startHost('host-2', Number(ENV.WINDLASS_PORT_MAX) + 1);
  await startHost('host-3', Number(ENV.WINDLASS_PORT_MAX) + 11);
});
afterAll(() => Promise.all([forgetHost('host-2'), forgetHost('host-3')]));

sideBySide('two nodes with replicas, on Postgres', MAJORS, (major, { beforeAll, afterAll, test }) => {
  const ID = `fo${String(major)}`;
  const NODES = ['n1', 'n2'];
  const spec = async (conf: object = {}) => ({
    database_name: 'shop',
    port: 0,
    postgres_version: await versionOf(major),
    database_users: [{ username: 'app', password: 'pw-app', db_owner: true, attributes: ['LOGIN'] }],
    nodes: [
      { name: 'n1', host_ids: [HOST, 'host-2'] },
      { name: 'n2', host_ids: ['host-3', HOST] },
    ],
    postgresql_conf: conf,
  });

  /** Replicas of each node have copies of its slots that can be used: after a member has come back this takes some seconds. */
  const slotsCopied = async (): Promise<void> => {
    const replicas = ((await factsOf(ID)).instances ?? []).filter((one) => one.postgres?.role === 'replica');
    const usable = `SELECT count(*) FROM pg_replication_slots WHERE slot_name LIKE 'windlass_n%' AND synced AND NOT temporary AND invalidation_reason IS NULL`;
    for (const { id } of replicas)
      await until(
        `${id} to have copies of all slots`,
        async () => {
          const container = `$(docker ps -q --filter label=pgedge.instance.id=${id} --filter label=pgedge.component=postgres)`;
          return (
            (await bash(`docker exec ${container} psql -h /tmp -U windlass -d postgres -Atqc "${usable}"`)).trim() ===
            String(NODES.length - 1)
          );
        },
        60_000,
      );
  };

  /** Writes everywhere while something is done; then all nodes are equal, and have what was acknowledged unless that may be lost. */
  const whileWriting = async (work: () => Promise<unknown>, mayLose = false): Promise<void> => {
    const writers = NODES.map((node) => new NodeWriter(ID, node));
    const arrivals = [new Arrivals(ID, 'n2', 'n1'), new Arrivals(ID, 'n1', 'n2')];
    await sleep(2000);
    await work();
    await sleep(5000);
    const written = await Promise.all(writers.map((writer) => writer.finish()));
    const late = await Promise.all(arrivals.map((one) => one.finish()));
    const rows = await untilEqual(ID, NODES);
    const ids = new Set(rows.map((row) => Number(/\d+/.exec(row)?.[0])));
    const lost = written.flatMap(({ kept }) => kept.filter((id) => !ids.has(id)));
    const longest = written.map(({ longestMs }) => longestMs);
    process.stdout.write(`${ID} ${expect.getState().currentTestName ?? ''}: writers ${longest.join(', ')} ms; arrivals at n1, n2 ${late.join(', ')} ms; lost ${String(lost.length)}\n`); // prettier-ignore
    if (!mayLose) expect(lost).toEqual([]);
    expect(Math.max(...late)).toBeLessThan(MOST_MS);
  };

  beforeAll(async () => {
    await done(ID, 'POST', '/v1/databases', { id: ID, spec: await spec() }, READY_MS);
    for (const node of NODES) await onPrimary(ID, node, TABLE);
    await allWell(ID);
  });
  afterAll(() => remove(ID).catch(() => undefined));

  test('a switchover, twice, loses nothing and holds nobody up', async () => {
    for (let i = 0; i < 2; i++) {
      await slotsCopied();
      const { id: old } = await primaryOf(ID, 'n1');
      await whileWriting(async () =>
        completed(ID, await accept('POST', `/v1/databases/${ID}/nodes/n1/switchover`, {}), READY_MS),
      );
      expect((await primaryOf(ID, 'n1')).id).not.toBe(old);
      await allWell(ID);
    }
  });

  test('replicators are killed again and again', async () => {
    await whileWriting(async () => {
      for (let i = 0; i < 6; i++) {
        const { id } = await primaryOf(ID, NODES[i % 2] ?? 'n1');
        await killContainer(`repl-${id}`).catch(() => undefined);
        await sleep(1500);
      }
    });
  });

  test('the primary of a node is killed', async () => {
    const { id: old } = await primaryOf(ID, 'n1');
    await whileWriting(async () => {
      await killContainer(`postgres-${old}`);
      await sleep(5000);
    }, true);
    await allWell(ID);
  });

  test('where commits wait for a standby nothing is lost when a primary is killed', async () => {
    await completed(ID, await accept('POST', `/v1/databases/${ID}`, { spec: await spec({ synchronous_standby_names: '*' }) }), READY_MS); // prettier-ignore
    await allWell(ID);
    for (const node of NODES) {
      await slotsCopied();
      const { id: old } = await primaryOf(ID, node);
      await whileWriting(async () => {
        await killContainer(`postgres-${old}`);
        await sleep(5000);
      });
      await allWell(ID);
    }
  });
});
