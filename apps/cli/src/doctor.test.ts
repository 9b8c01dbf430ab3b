import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import path from 'node:path';
import { hostRecords, type HostRecord } from '@windlass/resources/platform/records';
import { createCa, createCertificates } from '@windlass/resources/platform/trust';
import { changeShop } from '../../server/src/testing/contract-world.ts';
import { lookAtEnds } from './doctor/certificates.ts';
import type { Finding } from './doctor/finding.ts';
import type { TestCommand } from './testing/command.ts';
import { eachTest } from './testing/each-test.ts';
import type { TestServer } from './testing/server.ts';

let server: TestServer;
let cli: TestCommand;
eachTest((now) => ([server, cli] = now));

const DAY_MS = 86_400_000;
const inDays = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString();
async function doctor(): Promise<{ code: number; found: ReadonlyMap<string, Finding> }> {
  const { code, out } = await cli.windlass(['doctor', '-o', 'json']);
  return { code, found: new Map((JSON.parse(out) as Finding[]).map((one) => [one.what, one])) };
}
async function report(id: string, change: Partial<HostRecord>): Promise<void> {
  const { kv } = server.fixture;
  await kv.commit([], [hostRecords.put({ ...(await hostRecords.get(kv, id))!.value, ...change }, id)]);
}

test('where all is well every line is ok, and what only a host knows is said not to be looked at', async () => {
  const { code, out } = await cli.windlass(['doctor']);
  expect([code, out.split('\n').filter((line) => !/^(ok|skip) /.test(line))]).toEqual([0, ['']]);
  for (const part of [
    'api: http',
    'login: ',
    'clock: ',
    'etcd: ',
    'temporal: ',
    'worker: ',
    'host host-1: ',
    'versions: ',
    'databases: 1 are well',
    'skip  this machine: neither bin/up',
  ])
    // prettier-ignore
    expect(out).toContain(part);
});

test('every part of a host that is not well is told with what to do about it', async () => {
  await report('host-1', {
    components: {
      docker: { healthy: false, error: 'the engine is not in the swarm (inactive): ' },
      disk: { healthy: true, error: '', details: { free_bytes: 10 * 2 ** 30, total_bytes: 100 * 2 ** 30 } },
      clock: { healthy: false, error: 'the clock of this host is 600 s ahead of that of etcd', details: { offset_ms: 6e5 } },
      certificates: { healthy: false, error: 'x', details: { ca: inDays(900), client: inDays(-1), 'instance shop-n1-a': inDays(5) } },
    },
  }); // prettier-ignore
  await report('host-2', { seenAt: new Date(0).toISOString() });
  await report('host-3', { images: [{ postgresVersion: '18.1', id: 'sha256:2' }] });
  await changeShop(server.fixture, { state: 'failed' });
  const { code, found } = await doctor();
  expect(code).toBe(1);
  expect([...found.values()].filter(({ state }) => state !== 'ok' && state !== 'skip')).toEqual([
    { what: 'host host-1: docker', state: 'fail', says: expect.stringContaining('not in the swarm'), fix: expect.stringContaining('bin/host start') },
    { what: 'host host-1: disk', state: 'warn', says: '10 GiB of 100 GiB are free', fix: expect.stringContaining('make room') },
    { what: 'host host-1: clock', state: 'fail', says: expect.stringContaining('600 s ahead'), fix: expect.stringContaining('NTP') },
    { what: "host host-1: certificate 'client'", state: 'fail', says: expect.stringContaining('expired 24 h ago'), fix: expect.stringContaining('same authority') },
    { what: "host host-1: certificate 'instance shop-n1-a'", state: 'warn', says: expect.stringContaining('ends in 4 days'), fix: expect.stringContaining('update its database') },
    { what: 'host host-2', state: 'fail', says: 'no sign of life since 1970-01-01T00:00:00Z', fix: expect.stringContaining('bin/host start') },
    { what: 'versions', state: 'warn', says: expect.stringContaining('host-3 has 18.1'), fix: expect.stringContaining('images') },
    { what: 'database shop', state: 'warn', says: 'failed', fix: 'windlass describe database shop' },
  ]); // prettier-ignore
});

test('what the server stands on and does not answer is named; a server that does not answer, and a login that is no use', async () => {
  server.fixture.temporal.down = true;
  expect((await doctor()).found.get('temporal')).toMatchObject({ state: 'fail', says: 'Temporal does not answer', fix: expect.stringContaining('temporal.log') }); // prettier-ignore
  cli.env['WINDLASS_TOKEN'] = 'wl_none';
  expect((await doctor()).found.get('login')).toMatchObject({ state: 'fail', fix: expect.any(String) as string });
  cli.env['WINDLASS_URL'] = 'http://127.0.0.1:1';
  const { code, found } = await doctor();
  expect([code, found.get('api')]).toEqual([1, expect.objectContaining({ state: 'fail', fix: expect.stringContaining('windlass up') })]); // prettier-ignore
});

test('the clock of the server is told beside that of this machine', async () => {
  expect((await doctor()).found.get('server: clock')).toMatchObject({
    state: 'ok',
    says: 'within 0 s of that of etcd',
  });
  const error = 'the clock of this server is 600 s ahead of that of etcd: set it, and keep it with NTP';
  const clockLook = () => Promise.resolve({ healthy: false, error, details: { offset_ms: 600_000 } });
  Object.assign(server.fixture.deps, { clockLook });
  expect((await doctor()).found.get('server: clock')).toMatchObject({ state: 'fail', says: error, fix: expect.stringContaining('NTP') }); // prettier-ignore
});

describe('on a machine where bin/up ran', () => {
  const taken: Server[] = [];
  afterEach(() => taken.splice(0).forEach((one) => one.close()));
  const listening = async (): Promise<number> => {
    const one = createServer();
    taken.push(one);
    await new Promise<void>((resolve) => one.listen(0, '127.0.0.1', resolve));
    return (one.address() as AddressInfo).port;
  };
  const write = (name: string, text: string) => {
    mkdirSync(path.dirname(path.join(cli.cwd, name)), { recursive: true });
    writeFileSync(path.join(cli.cwd, name), text);
  };
  const docker = (says: string) => {
    write('path/docker', `#!/bin/sh\n${says}\n`);
    chmodSync(path.join(cli.cwd, 'path/docker'), 0o755);
    cli.env['PATH'] = `${path.join(cli.cwd, 'path')}:${process.env['PATH'] ?? ''}`;
  };

  test('its engine, swarm, processes with their ports, disk and files of certificates are looked at', async () => {
    cli.env['WINDLASS_HOME'] = path.join(cli.cwd, 'home');
    docker(`echo '{"ServerVersion":"28.0.1","Swarm":{"LocalNodeState":"inactive"}}'`);
    for (const name of ['etcd', 'temporal', 'worker']) write(`home/run/${name}.pid`, `${String(process.pid)}\n`);
    Object.assign(cli.env, { WINDLASS_ETCD_PORT: String(await listening()), WINDLASS_TEMPORAL_PORT: '1', WINDLASS_HTTP_PORT: String(await listening()) }); // prettier-ignore
    const ca = await createCa('doctor');
    write('home/ca/ca.crt', ca.certPem);
    write('home/ca/server.crt', (await createCertificates(() => Promise.resolve(ca)).issue({ commonName: 'x', names: [], days: 5 })).certPem); // prettier-ignore
    const { found } = await doctor();
    const states = Object.fromEntries([...found].filter(([what]) => what.startsWith('here: ')).map(([what, { state, says }]) => [what.slice(6), [state, says]])); // prettier-ignore
    expect(states).toMatchObject({
      'Node.js': ['ok', process.version],
      'Docker engine': ['ok', '28.0.1'],
      swarm: ['fail', 'inactive'],
      etcd: ['ok', expect.stringContaining('listens on port')],
      temporal: ['fail', 'runs, and port 1 does not answer'],
      server: ['fail', expect.stringContaining('another process has its port')],
      worker: ['ok', 'runs'],
      disk: [expect.any(String), expect.stringContaining('are free under')],
      "certificate 'ca/server.crt'": ['warn', expect.stringContaining('ends in')],
    });
    docker('echo "Cannot connect to the Docker daemon" >&2; exit 1');
    expect((await doctor()).found.get('here: Docker engine')).toMatchObject({ state: 'fail', fix: expect.stringContaining('systemctl start docker') }); // prettier-ignore
  });

  test('a host that joined has a worker, and nothing else of ours', async () => {
    cli.env['WINDLASS_HOME'] = path.join(cli.cwd, 'home');
    docker(`echo '{"ServerVersion":"28.0.1","Swarm":{"LocalNodeState":"active"}}'`);
    write('home/state/joined.json', '{}');
    const { found } = await doctor();
    expect([found.has('here: etcd'), found.get('here: worker')]).toEqual([false, expect.objectContaining({ state: 'fail', fix: expect.stringContaining('bin/host start') })]); // prettier-ignore
  });
});

test('certificates that last are one line, with the first to end', () => {
  expect(lookAtEnds('server', { ca: inDays(900), server: inDays(80), odd: 7 })).toEqual([
    { what: 'server: certificates', state: 'ok', says: expect.stringMatching(/^the first one to end is 'server', in (79|80) days/) }, // prettier-ignore
  ]);
  expect(lookAtEnds('server', {})).toEqual([]);
});
