import { accept, completed, done, remove } from './client.ts';
import { forgetHost, startHost } from './hosts.ts';
import { arrivalsOf, TABLE, whileTheyWrite, writeTo } from './node-writers.ts';
import { SeveralNodes } from './several-nodes.ts';
import { bash, ENV, HOST } from './stack.ts';
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

  const db = new SeveralNodes(ID);
  const kill = (service: string): Promise<string> =>
    bash(`docker kill -s KILL $(docker ps -q --filter label=com.docker.swarm.service.name=${service})`);

  /** As the kernel does it when there is no memory left. */
  const killProcess = (service: string): Promise<string> =>
    bash(`docker exec $(docker ps -q --filter label=com.docker.swarm.service.name=${service}) sh -c '
      for one in /proc/[0-9]*; do ! tr "\\0" " " < $one/cmdline | grep -q "^node " || kill -KILL \${one#/proc/}; done'`);

  interface Load {
    /** Resolves when a node takes writes again, and what they make arrives at the other. */
    goesOn(node: string): Promise<void>;
  }

  /** Writes everywhere while something is done; then all nodes are equal, and have what was acknowledged unless that may be lost. */
  const whileWriting = async (work: (load: Load) => Promise<unknown>, mayLose = false): Promise<void> => {
    const load = NODES.map((node) => {
      const other = NODES.find((one) => one !== node) ?? '';
      return {
        node,
        writer: writeTo(node, () => db.connect(node)),
        arrivals: arrivalsOf(node, () => db.connect(other)),
      };
    });
    const arrived = () => Promise.all(load.map(({ arrivals }) => arrivals.finish()));
    const goesOn = async (node?: string): Promise<void> => {
      const which = load.filter((one) => node === undefined || one.node === node);
      await Promise.all(which.flatMap(({ writer, arrivals }) => [writer.more(10), arrivals.more(10)]));
    };
    const through = async (): Promise<void> => {
      await goesOn();
      await work({ goesOn });
      await goesOn();
    };
    const written = await whileTheyWrite(
      load.map(({ writer }) => writer),
      through,
    ).catch(async (err: unknown) => {
      const like = await db.described();
      await arrived();
      throw new Error(`${String(err)}\n${like}`, { cause: err });
    });
    const late = await arrived();
    const ids = new Set((await db.equal('w', NODES)).map((row) => row.slice(1, row.indexOf(','))));
    const lost = written.flatMap(({ kept }) => kept.filter((id) => !ids.has(id)));
    const longest = written.map(({ longestMs }) => longestMs);
    process.stdout.write(`${ID} ${expect.getState().currentTestName ?? ''}: writers ${longest.join(', ')} ms; arrivals of n1, n2 ${late.join(', ')} ms; lost ${String(lost.length)}\n`); // prettier-ignore
    if (!mayLose) expect(lost).toEqual([]);
    expect(Math.max(...late)).toBeLessThan(MOST_MS);
  };

  beforeAll(async () => {
    await done(ID, 'POST', '/v1/databases', { id: ID, spec: await spec() }, READY_MS);
    for (const node of NODES) await db.sql(node, TABLE);
    await db.well();
  });
  afterAll(async () => {
    await db.close();
    await remove(ID).catch(() => undefined);
  });

  test('a switchover, twice, loses nothing and holds nobody up', async () => {
    for (let i = 0; i < 2; i++) {
      const { id: old } = await db.primaryOf('n1');
      await whileWriting(async () =>
        completed(ID, await accept('POST', `/v1/databases/${ID}/nodes/n1/switchover`, {}), READY_MS),
      );
      expect((await db.primaryOf('n1')).id).not.toBe(old);
      await db.well();
    }
  });

  for (const [what, end] of [
    ['containers', kill],
    ['processes', killProcess],
  ] as const)
    test(`${what} of replicators are killed again and again`, async () => {
      await whileWriting(async ({ goesOn }) => {
        for (let i = 0; i < 6; i++) {
          const [node = '', other = ''] = i % 2 === 0 ? NODES : [...NODES].reverse();
          const { id } = await db.primaryOf(node);
          await end(`repl-${id}`);
          await goesOn(other);
        }
      });
    });

  test('the primary of a node is killed', async () => {
    const { id: old } = await db.primaryOf('n1');
    await whileWriting(async ({ goesOn }) => {
      await kill(`postgres-${old}`);
      await goesOn('n1');
    }, true);
    await db.well();
  });

  test('where commits wait for a standby nothing is lost when a primary is killed', async () => {
    await completed(ID, await accept('POST', `/v1/databases/${ID}`, { spec: await spec({ synchronous_standby_names: '*' }) }), READY_MS); // prettier-ignore
    await db.well();
    for (const node of NODES) {
      const { id: old } = await db.primaryOf(node);
      await whileWriting(async ({ goesOn }) => {
        await kill(`postgres-${old}`);
        await goesOn(node);
      });
      await db.well();
    }
  });
});
