/** All certificates end after a minute, and are renewed, while writes and requests go on over new connections. */
import './own-stack.ts';
import { LIFETIME_S } from './short-certificates.ts';
import { randomUUID, X509Certificate } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'node:tls';
import pg from 'pg';
import { call, done, get, remove } from './client.ts';
import { startHost } from './hosts.ts';
import { replicatedNode } from './replicated-node.ts';
import { bash, ENV, HOME, HOST, sh, until } from './stack.ts';

const ID = 'turning';
const SECOND = 'host-2';
const BRIDGE = process.env['WINDLASS_CONTROL_ADDRESS'] ?? '172.17.0.1';
/** Beyond the end of the first certificates; ten minutes by `WINDLASS_CERTIFICATES_SECONDS=600`. */
const SECONDS = Number(process.env['WINDLASS_CERTIFICATES_SECONDS'] ?? LIFETIME_S + 5);
/** Between two connections, in ms: what renews has to get its turn on a machine with two cores. */
const PAUSE_MS = 50;
const node = replicatedNode(ID);
const note = (text: string): void => void process.stderr.write(`${text}\n`);
const read = (file: string): string => readFileSync(path.join(HOME, file), 'utf8');
const serial = (pem: string | Buffer): string => new X509Certificate(pem).serialNumber;

async function removeStack(): Promise<void> {
  for (const name of ['server', 'worker', `worker-${SECOND}`])
    await sh('bin/lib/process.sh', 'stop', name).catch(() => undefined);
  await sh('bin/down', '--purge').catch(() => undefined);
}

/** What somebody is shown who connects there. */
const shownAt = (port: string | undefined): Promise<string> =>
  new Promise((resolve, reject) => {
    const login = { cert: read('ca/root.crt'), key: read('ca/root.key'), ca: read('ca/ca.crt') };
    const socket = connect({ host: BRIDGE, port: Number(port), ...login }, () => {
      resolve(serial(socket.getPeerCertificate().raw));
      socket.destroy();
    });
    socket.on('error', reject);
  });

/** Serial numbers of all leaves: of the files, and of those that are shown. */
async function serials(): Promise<ReadonlyMap<string, string>> {
  const files = (await bash(`find ${HOME}/ca ${HOME}/data -name '*.crt' ! -name ca.crt | sort`)).trim().split('\n');
  const found = new Map(files.map((file) => [path.relative(HOME, file), serial(readFileSync(file))]));
  found.set('shown by the API', await shownAt(ENV.WINDLASS_HTTP_PORT));
  found.set('shown by etcd', await shownAt(ENV.WINDLASS_ETCD_PORT));
  for (const { id } of await node.instances()) {
    const container = await node.container(id);
    for (const [what, more] of [
      ['Postgres', '-starttls postgres -connect localhost:5432'],
      ['Patroni', '-connect localhost:8008'],
    ] as const) {
      const said = await bash(`docker exec ${container} sh -c 'openssl s_client ${more} </dev/null 2>/dev/null; true'`);
      found.set(`shown by ${what} of ${id}`, serial(/-----BEGIN[^]*?-----END CERTIFICATE-----/.exec(said)?.[0] ?? ''));
    }
  }
  return found;
}
/** Asks the primary of the first node, as the superuser. */
async function asSuperuser(text: string): Promise<string> {
  const container = await node.container((await primary()).id);
  return (
    await sh('docker', 'exec', container, 'psql', '-h', '/tmp', '-U', 'windlass', '-d', 'shop', '-Atqc', text)
  ).trim();
}
/** Of the first node. Patroni's API is away for a moment when it reads another certificate: then nobody's role is known for a sample. */
const primary = (): Promise<{ readonly id: string; readonly connection_info?: { readonly port: number } }> =>
  until('n1 to have a primary', async () =>
    (await node.instances()).find((i) => i.id.startsWith(`${ID}-n1-`) && i.postgres?.role === 'primary'),
  );

/** Every process and container, and since when it runs. */
const running = (): Promise<string> =>
  bash(
    `cd ${HOME}/run; for f in *.pid; do echo $f $(cat $f $(basename $f .pid).started) $(test -d /proc/$(cat $f) && echo lives); done
     docker inspect --format '{{.Name}} {{.State.StartedAt}} {{.State.Pid}}' $(docker ps -q --filter label=windlass.database=${ID} | sort)
     for c in $(docker ps -q --filter label=windlass.database=${ID} | sort); do docker exec $c psql -h /tmp -U windlass -d postgres -Atqc 'SELECT pg_postmaster_start_time()' 2>/dev/null || true; done`,
  );

interface Load {
  readonly failures: readonly string[];
  readonly count: () => number;
  stop(): Promise<void>;
}
/** Does it again and again, each time over a new connection; what fails is kept. */
function repeated(work: () => Promise<void>): Load {
  const failures: string[] = [];
  let [count, isStopped] = [0, false];
  const ended = (async () => {
    while (!isStopped) {
      await work().then(
        () => (count += 1),
        (err: unknown) => failures.push(`${new Date().toISOString()} ${String(err)}`),
      );
      await sleep(PAUSE_MS);
    }
  })();
  return { failures, count: () => count, stop: () => ((isStopped = true), ended) };
}

async function write(port: number): Promise<void> {
  const ssl = { ca: read('ca/ca.crt'), rejectUnauthorized: true };
  const login = { user: 'app', password: 'pw-app', database: 'shop' };
  const client = new pg.Client({ host: '127.0.0.1', port, ...login, ssl });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('INSERT INTO turns VALUES ($1)', [randomUUID()]);
  } finally {
    await client.end();
  }
}

const ask = (): Promise<void> =>
  new Promise((resolve, reject) => {
    const login = { ca: read('ca/ca.crt'), cert: read('ca/root.crt'), key: read('ca/root.key'), agent: false };
    const url = `https://${BRIDGE}:${ENV.WINDLASS_HTTP_PORT}/v1/databases/${ID}`;
    const sent = https.get(url, { ...login, timeout: 20_000 }, (answer) => {
      answer.resume().on('end', () => (answer.statusCode === 200 ? resolve() : reject(new Error(`answered ${String(answer.statusCode)}`)))); // prettier-ignore
    });
    sent.on('timeout', () => sent.destroy(new Error('no answer')));
    sent.on('error', reject);
  });

/** What the database says of itself is told when that is not so. */
const allWell = (): Promise<void> =>
  node.allWell(3).catch(async (err: unknown) => {
    note(JSON.stringify(await get(`/v1/databases/${ID}`)));
    throw err;
  });

beforeAll(async () => {
  await removeStack();
  mkdirSync(HOME, { recursive: true });
  writeFileSync(ENV.FAILPOINTS_FILE, '');
  await sh('bin/up', '--no-example');
  await startHost(SECOND, Number(ENV.WINDLASS_PORT_MAX) + 1);
  const nodes = [
    { name: 'n1', host_ids: [HOST, SECOND] },
    { name: 'n2', host_ids: [HOST] },
  ];
  const users = [{ username: 'app', password: 'pw-app', db_owner: true, attributes: ['LOGIN'] }];
  const spec = { database_name: 'shop', port: 0, database_users: users, nodes };
  await done(ID, 'POST', '/v1/databases', { id: ID, spec }, 180_000);
  await node.allWell(3);
}, 400_000);
afterAll(async () => {
  await remove(ID).catch(() => undefined);
  await removeStack();
}, 180_000);

test(
  'all are renewed before they end: no write and no request fails, nothing restarts',
  async () => {
    const port = (await primary()).connection_info?.port ?? 0;
    await node.psql('writer', 'CREATE TABLE turns (id text PRIMARY KEY)');
    const [before, first] = [await running(), await serials()];
    expect(first.size).toBe(2 + 2 + 3 * 2 + 3 + 3 * 2);
    const begun = Date.now();
    const [writes, requests] = [repeated(() => write(port)), repeated(ask)];
    const renewed = await until(
      'every certificate to be another one',
      async () => {
        const now = await serials();
        const same = [...first].filter(([name, number]) => now.get(name) === number).map(([name]) => name);
        if (same.length > 0) throw new Error(`these are still the first: ${same.join(', ')}`);
        return Date.now() - begun;
      },
      LIFETIME_S * 1000,
    );
    await until('the first certificates to end', () => Promise.resolve(Date.now() - begun > SECONDS * 1000), SECONDS * 1000 + 5000); // prettier-ignore
    // Old connections are worth nothing here: members have to prove themselves again.
    const senders = "backend_type = 'walsender'";
    const pids = (await asSuperuser(`SELECT pid FROM pg_stat_activity WHERE ${senders}`)).split('\n');
    expect(pids.length).toBeGreaterThan(1); // the replica's, and that of the replicator of the other node
    await asSuperuser(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE ${senders}`);
    const again = `SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming' AND pid NOT IN (${pids.join()})`;
    await until('those who read its changes to be back', async () => Number(await asSuperuser(again)) >= pids.length);
    await Promise.all([writes.stop(), requests.stop()]);
    const report = { seconds: Math.round((Date.now() - begun) / 1000), allRenewedAfterMs: renewed };
    note(`certificates of ${String(LIFETIME_S)} s: ${JSON.stringify({ ...report, writes: writes.count(), requests: requests.count() })}`); // prettier-ignore
    expect([...writes.failures, ...requests.failures]).toEqual([]);
    expect(writes.count()).toBeGreaterThan(SECONDS);
    expect(requests.count()).toBeGreaterThan(SECONDS);
    expect(await running()).toBe(before);
    expect((await node.psql('writer', 'SELECT count(*) FROM turns')).trim()).toBe(String(writes.count()));
  },
  SECONDS * 1000 + 120_000,
);

test('none has ended, and a task that speaks to all of them is done', async () => {
  await allWell(); // their sessions ended a moment ago
  const { status, body } = await call<{ checks: { name: string; healthy: boolean }[] }>('GET', '/readyz');
  expect(status).toBe(200);
  expect(body.checks).toContainEqual(expect.objectContaining({ name: 'certificates', healthy: true }));
  const { hosts } = await get<{ hosts: { status: { state: string; components: Record<string, { details?: object }> } }[] }>('/v1/hosts'); // prettier-ignore
  expect(hosts.map((h) => h.status.state)).toEqual(['healthy', 'healthy']);
  expect(Object.keys(hosts[0]?.status.components['certificates']?.details ?? {})).toContain(`${HOST} for etcd`);
  await primary();
  await done(ID, 'POST', `/v1/databases/${ID}/nodes/n1/switchover`, {});
  await allWell();
}, 120_000);
