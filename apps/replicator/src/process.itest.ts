import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type pg from 'pg';
import { createCa, createCertificates } from '@windlass/resources/platform/clients';
import { itAlike, MAJORS, RealPostgres, until } from '@windlass/data/testing';
import { ReplicatorProcess } from './testing/process.ts';

const NODES = [1, 2] as const;
const PASSWORD = `it's "secret"`;

describe.each(MAJORS)('two processes, Postgres %i, over TLS', (major) => {
  let directory: string;
  let servers: readonly RealPostgres[];
  let users: readonly pg.Client[];
  let processes: readonly ReplicatorProcess[];

  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'windlass-replicator-'));
    const ca = await createCa('test');
    const { issue } = createCertificates(() => Promise.resolve(ca));
    const tls = await issue({ commonName: 'x', names: ['127.0.0.1'], days: 2 });
    const files = { ca: ca.certPem, crt: tls.certPem, key: tls.keyPem, password: `${PASSWORD}\n` };
    for (const [name, text] of Object.entries(files))
      await writeFile(path.join(directory, name), text, { mode: 0o600 });
    servers = await Promise.all(NODES.map(() => RealPostgres.start(major, { tls })));
    users = await Promise.all(servers.map(async (server) => server.client(await server.database())));
    for (const user of users)
      await user.query(`CREATE ROLE only_tls SUPERUSER LOGIN REPLICATION PASSWORD 'it''s "secret"';
        CREATE TABLE t (id int PRIMARY KEY, v text)`);
    processes = await Promise.all(
      NODES.map(async (node) => new ReplicatorProcess(environment(node), await freePort())),
    );
    for (const one of processes) one.start();
    await ready();
  });
  afterAll(async () => {
    await Promise.all(processes.map((one) => one.end('SIGKILL')));
    await Promise.all(servers.map((server) => server.stop()));
    await rm(directory, { recursive: true });
  });

  const at = (number: number): string => `127.0.0.1:1,127.0.0.1:${String(servers[number - 1]?.port)}`;
  const file = (name: string): string => path.join(directory, name);
  const environment = (node: number): Record<string, string> => {
    const peers = NODES.filter((one) => one !== node);
    return {
      ...{ WINDLASS_NODE_NUMBER: String(node), WINDLASS_NODE_NAME: `n${String(node)}`, WINDLASS_NODE_HOSTS: at(node) },
      WINDLASS_PEERS: JSON.stringify(
        peers.map((number) => ({ number, name: `n${String(number)}`, hosts: at(number) })),
      ),
      ...{ WINDLASS_DATABASE: 'db1', WINDLASS_USER: 'only_tls', WINDLASS_PASSWORD_FILE: file('password') },
      ...{ WINDLASS_CA_CERT: file('ca'), WINDLASS_CLIENT_CERT: file('crt'), WINDLASS_CLIENT_KEY: file('key') },
      ...{ WINDLASS_SPILL_DIR: directory, WINDLASS_LOG_LEVEL: 'fatal' },
    };
  };

  async function ready(ms = 20_000): Promise<void> {
    for (const one of processes) await until(async () => (await one.get('/readyz'))?.code === 200, ms);
  }
  /** How much of a core one takes while nobody writes. */
  async function idleCpu(): Promise<string> {
    const before = await processes[0]?.cpuSeconds();
    await new Promise((resolve) => setTimeout(resolve, 5000));
    return `${((((await processes[0]?.cpuSeconds()) ?? 0) - (before ?? 0)) * 20).toFixed(1)} %`;
  }
  const rowsOf = async (i: number): Promise<unknown> =>
    (await users[i]?.query('SELECT id, v, pg_xact_commit_timestamp(xmin)::text AS at FROM t ORDER BY id'))?.rows;
  async function equal(): Promise<void> {
    await Promise.all(
      users.map((user, i) =>
        user.query(
          `INSERT INTO t VALUES (${String(-1 - i)}, clock_timestamp()) ON CONFLICT (id) DO UPDATE SET v = excluded.v`,
        ),
      ),
    );
    await until(async () => JSON.stringify(await rowsOf(0)) === JSON.stringify(await rowsOf(1)), 30_000);
  }

  it('applies in both directions, and says so', async () => {
    await users[0]?.query(`INSERT INTO t VALUES (1, 'a')`);
    await users[1]?.query(`INSERT INTO t VALUES (2, 'b')`);
    await equal();
    const [first] = processes;
    await until(async () => (await first?.get('/status'))?.text.includes('"wal_status":"reserved"'));
    const status = JSON.parse((await first?.get('/status'))?.text ?? '') as { peers: object[]; conditions: object[] };
    expect(status.conditions).toEqual([]);
    expect(status.peers).toMatchObject([{ name: 'n2', state: 'streaming' }]);
    expect((await first?.get('/metrics'))?.text).toContain('windlass_replicator_peer_streaming{peer="n2"} 1');
  });

  itAlike(major, 'is killed in the middle of load, and nothing is lost', async () => {
    const over = AbortSignal.timeout(8000);
    const writers = users.map(async (user, i) => {
      for (let n = 0; !over.aborted; n += 1)
        await user.query(`INSERT INTO t SELECT (g * 7 + ${String(n)}) % 500, 'n${String(i)} ${String(n)}' FROM generate_series(1, 5) g
          ON CONFLICT (id) DO UPDATE SET v = excluded.v; DELETE FROM t WHERE id = ${String((n * 13) % 500)}`);
      return 0;
    });
    let kills = 0;
    while (!over.aborted) {
      const victim = processes[kills % 2];
      await victim?.end('SIGKILL');
      victim?.start();
      kills += 1;
      await until(async () => (await victim?.get('/healthz'))?.code === 200, 10_000);
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    await Promise.all(writers);
    await equal();
    expect(kills).toBeGreaterThan(3);
  });

  itAlike(major, 'stays within its memory under load, and ends within 2 s when it is told to', async () => {
    for (const one of processes) await one.end('SIGTERM');
    for (const one of processes) one.start();
    await ready();
    const [atRest, cpu] = [await Promise.all(processes.map((one) => one.memory())), await idleCpu()];
    await users[0]?.query(`INSERT INTO t SELECT g, repeat('x', 200) FROM generate_series(1000, 200000) g`);
    const highest = [0, 0];
    await until(async () => {
      for (const [i, one] of processes.entries()) highest[i] = Math.max(highest[i] ?? 0, await one.memory());
      return (await users[1]?.query('SELECT FROM t WHERE id = 200000'))?.rowCount === 1;
    }, 60_000);
    process.stdout.write(
      `resident MB at rest ${atRest.join(', ')}, at most ${highest.join(', ')}; of a core at rest ${cpu}\n`,
    );
    expect(Math.max(...highest)).toBeLessThan(260);
    const begun = Date.now();
    expect(await Promise.all(processes.map((one) => one.end('SIGTERM')))).toEqual([0, 0]);
    expect(Date.now() - begun).toBeLessThan(2000);
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
