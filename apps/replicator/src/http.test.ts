import { X509Certificate } from 'node:crypto';
import { connect } from 'node:tls';
import type { AddressInfo } from 'node:net';
import type { Server } from 'node:http';
import { get } from 'node:https';
import { createCa, createCertificates } from '@windlass/resources/platform/clients';
import type { ReplicatorStatus } from '@windlass/data/replicate';
import { readAgainMs, serve } from './http.ts';

const peer = {
  ...{ number: 2, name: 'n2', state: 'streaming' as const, waitsFor: undefined, lagBytes: 12, lagMs: 3 },
  ...{ lastCommitTime: 1_700_000_000_000_001, committedLsn: 0x1_0000_0010n, confirmedLsn: 0n, queuedBytes: 5 },
  ...{ applied: 7, clockOffsetMs: -1.5, connects: 1, stoppedAt: undefined },
};
const slot = { peer: 2, name: 'windlass_n2', exists: true, active: true, walStatus: 'reserved', safeWalSize: 100 };
const fine: ReplicatorStatus = {
  ...{ number: 1, name: 'n1', primary: 'a:5432', peers: [peer], slots: [{ ...slot, retainedBytes: 50 }] },
  ...{ conflicts: 4, conditions: [] },
};

let status: ReplicatorStatus;
let server: Server;
let url: string;
beforeEach(async () => {
  status = fine;
  server = await serve({ host: '127.0.0.1', port: 0 }, () => status);
  url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
});
afterEach(() => {
  server.close();
  server.closeAllConnections();
});

it('lives as long as it answers', async () => {
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
});

it('is ready while it reaches its own primary and every stream runs, and says why it is not', async () => {
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
  status = { ...fine, primary: undefined, peers: [{ ...peer, state: 'retrying', waitsFor: 'the peer' }] };
  const answer = await fetch(`${url}/readyz`);
  expect(answer.status).toBe(503);
  expect(await answer.json()).toEqual({
    status: 'not ready',
    reasons: ['the own primary is not reached', 'n2: retrying, the peer'],
  });
});

it('tells the whole status', async () => {
  status = { ...fine, conditions: [{ type: 'slot_lost', peer: 2, message: 'gone', since: 0 }] };
  expect(await (await fetch(`${url}/status?x=1`)).json()).toEqual({
    node: { number: 1, name: 'n1', primary: 'a:5432' },
    peers: [
      {
        ...{ number: 2, name: 'n2', state: 'streaming', waits_for: null, lag_bytes: 12, lag_ms: 3, queued_bytes: 5 },
        ...{ last_commit_time: '2023-11-14T22:13:20.000001Z', committed_lsn: '1/10', confirmed_lsn: '0/0' },
        ...{ applied_transactions: 7, connects: 1, clock_offset_ms: -1.5, stopped_at_lsn: null },
      },
    ],
    slots: [
      {
        ...{ peer: 2, name: 'windlass_n2', exists: true, active: true, wal_status: 'reserved' },
        ...{ safe_wal_size: 100, retained_bytes: 50 },
      },
    ],
    conflicts: 4,
    conditions: [{ type: 'slot_lost', peer: 2, message: 'gone', since: '1970-01-01T00:00:00.000Z' }],
  });
});

it('tells the same to Prometheus, and leaves out what is not known', async () => {
  status = {
    ...fine,
    peers: [{ ...peer, lagBytes: undefined }],
    conditions: [{ type: 'own_unreachable', message: 'x', since: 0 }],
  };
  const text = await (await fetch(`${url}/metrics`)).text();
  for (const line of [
    'windlass_replicator_peer_streaming{peer="n2"} 1',
    'windlass_replicator_peer_lag_seconds{peer="n2"} 0.003',
    'windlass_replicator_peer_applied_transactions_total{peer="n2"} 7',
    'windlass_replicator_slot_safe_wal_bytes{peer="n2"} 100',
    'windlass_replicator_conflicts_total 4',
    'windlass_replicator_condition{type="own_unreachable",peer=""} 1',
  ])
    expect(text.split('\n')).toContain(line);
  expect(text).not.toContain('windlass_replicator_peer_lag_bytes{');
});

it('has nothing else, and changes nothing', async () => {
  expect((await fetch(`${url}/`)).status).toBe(404);
  expect((await fetch(`${url}/status`, { method: 'POST' })).status).toBe(404);
});

it('is for those with a certificate of the authority where it has TLS', async () => {
  const ca = await createCa('test');
  const { issue } = createCertificates(() => Promise.resolve(ca));
  const [own, client] = await Promise.all(
    ['x', 'y'].map((commonName) => issue({ commonName, names: ['localhost'], days: 1 })),
  );
  const tls = { ca: ca.certPem, cert: own?.certPem ?? '', key: own?.keyPem ?? '' };
  const secure = await serve(
    { host: '127.0.0.1', port: 0 },
    () => status,
    () => Promise.resolve(tls),
  );
  const { port } = secure.address() as AddressInfo;
  const ask = (more: object): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      const options = { port, host: '127.0.0.1', servername: 'localhost', path: '/healthz', ca: ca.certPem, ...more };
      get(options, (answer) => resolve(answer.resume().statusCode)).on('error', reject);
    });
  expect(await ask({ cert: client?.certPem, key: client?.keyPem })).toBe(200);
  await expect(ask({})).rejects.toThrow();
  secure.close();
  secure.closeAllConnections();
});

it('shows a certificate that was renewed to whoever connects then', async () => {
  const ca = await createCa('test');
  const { issue } = createCertificates(() => Promise.resolve(ca), 12_000);
  const made = await Promise.all([1, 2].map(() => issue({ commonName: 'x', names: ['localhost'], days: 1 })));
  let tls = { ca: ca.certPem, cert: made[0]?.certPem ?? '', key: made[0]?.keyPem ?? '' };
  const secure = await serve(
    { host: '127.0.0.1', port: 0 },
    () => status,
    () => Promise.resolve(tls),
  );
  const { port } = secure.address() as AddressInfo;
  const shown = (): Promise<string> =>
    new Promise((resolve, reject) => {
      const options = { port, host: '127.0.0.1', servername: 'localhost', ...tls };
      const socket = connect(options, () => {
        resolve(socket.getPeerCertificate().serialNumber);
        socket.destroy();
      }).on('error', reject);
    });
  const first = await shown();
  tls = { ca: ca.certPem, cert: made[1]?.certPem ?? '', key: made[1]?.keyPem ?? '' };
  let now = first;
  while (now === first) now = await shown(); // it reads them again every second
  expect(now).toBe(new X509Certificate(tls.cert).serialNumber);
  secure.close();
});

it.each([
  [60, 5000],
  [90 * 86_400, 600_000],
])('reads a certificate of %s s again after %s ms', async (seconds, pause) => {
  const ca = await createCa('test');
  const { certPem } = await createCertificates(() => Promise.resolve(ca), seconds * 1000).issue({ commonName: 'x', names: [], days: 90 }); // prettier-ignore
  expect(readAgainMs(certPem)).toBeCloseTo(pause, -3);
});
