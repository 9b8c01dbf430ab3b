import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import { createCa, createCertificates } from '../../platform/clients/certificates.ts';
import type { ClientIdentity } from '../../platform/clients/secure-context.ts';
import { createReplicatorHttp } from './replicator-http.ts';

let server: Server;
let identity: ClientIdentity;
let body: unknown;
/** No test has the port of every replicator to itself: another loopback address. */
const ADDRESS = '127.0.0.73';

beforeAll(async () => {
  const ca = await createCa('test');
  const { issue } = createCertificates(() => Promise.resolve(ca));
  const [own, client] = await Promise.all(
    ['replicator', 'windlass'].map((commonName) => issue({ commonName, names: [], days: 1 })),
  );
  if (!own || !client) throw new Error('unreachable');
  identity = { caPem: ca.certPem, certPem: client.certPem, keyPem: client.keyPem };
  const tls = { ca: ca.certPem, cert: own.certPem, key: own.keyPem, requestCert: true, rejectUnauthorized: true };
  server = createServer(tls, (request, response) => {
    response.end(request.url === '/status' ? JSON.stringify(body) : '');
  });
  server.listen(9480, ADDRESS);
  await once(server, 'listening');
});
afterAll(() => server.close());

const open = createReplicatorHttp(() => Promise.resolve(identity));
afterAll(() => open.close());

it('reads what a replicator says of itself', async () => {
  body = {
    node: { number: 1, name: 'n1', primary: 'a:5432' },
    peers: [
      {
        ...{ number: 2, name: 'n2', state: 'stopped', waits_for: 'a person', lag_bytes: 1, lag_ms: null, queued_bytes: 0 },
        ...{ last_commit_time: null, committed_lsn: '0/0', clock_offset_ms: 3, stopped_at_lsn: '0/10' },
      },
    ],
    slots: [{ peer: 2, name: 'windlass_n2', exists: true, active: false, wal_status: 'lost', safe_wal_size: null, retained_bytes: 4 }],
    conflicts: 2,
    conditions: [{ type: 'slot_lost', peer: 2, message: 'gone', since: '2026-01-01T00:00:00Z' }],
  }; // prettier-ignore
  expect(await open.status(ADDRESS)).toEqual({
    primary: 'a:5432',
    peers: [
      {
        ...{ number: 2, name: 'n2', state: 'stopped', waitsFor: 'a person', lagBytes: 1, lagMs: null },
        ...{ lastCommitTime: null, clockOffsetMs: 3, stoppedAt: '0/10' },
      },
    ],
    slots: [{ peer: 2, exists: true, active: false, walStatus: 'lost', safeWalSize: null, retainedBytes: 4 }],
    conflicts: 2,
    conditions: [{ type: 'slot_lost', peer: 2, message: 'gone', since: '2026-01-01T00:00:00Z' }],
  });
});

it.each([
  ['nobody answers', '127.0.0.74', {}],
  ['it answers something else', ADDRESS, { hello: 'world' }],
])('says so when %s', async (_what, address, answer) => {
  body = answer;
  await expect(open.status(address)).rejects.toMatchObject({ code: 'replicator_unavailable' });
});
