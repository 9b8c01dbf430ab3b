import { once } from 'node:events';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { createCa, createCertificates, type Ca } from '@windlass/resources/platform/trust';
import { routes } from '../../routes/index.ts';
import { openFixture, type Fixture } from '../../testing/fixture.ts';
import { apiTokens, memberRecords, ROLES, type MemberRecord, type Role } from '@windlass/resources/platform/records';
import { newToken } from './api-token.ts';

interface Leaf {
  readonly certPem: string;
  readonly keyPem: string;
}
const INSTANCE = `member-${'a'.repeat(32)}`;
const member = (role: MemberRecord['role']): MemberRecord => ({
  id: `${role}-2`,
  role,
  account: `${role}-${role}-2-1a2b3c4d`,
  addresses: [],
  joinedAt: '2026-01-01T00:00:00Z',
});
const members = (['host', 'control', 'server'] as const).map(member);

let f: Fixture;
let ca: Ca;
let server: https.Server;
let leaves: Record<string, Leaf | undefined>;
let tokens: Record<string, string>;

beforeAll(async () => {
  ca = await createCa('cluster');
  f = await openFixture(ca.certPem, undefined, {}, { pages: true });
  await f.kv.commit(
    [],
    members.map((one) => ({ put: memberRecords.key(one.role, one.id), value: one })),
  );
  const { certPem, keyPem } = await leaf(ca, '', ['127.0.0.1']);
  await f.app.ready();
  const trust = { cert: certPem, key: keyPem, ca: ca.certPem, requestCert: true, rejectUnauthorized: false };
  server = https.createServer(trust, (req, res) => f.app.routing(req, res)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const other = await createCa('other');
  leaves = {
    nobody: undefined,
    'an instance': await leaf(ca, INSTANCE),
    'the control plane towards Postgres': await leaf(ca, 'windlass'),
    'a server towards its clients': await leaf(ca, '', ['127.0.0.1']),
    'a host that was removed': await leaf(ca, 'host-host-9-1a2b3c4d'),
    'an operator of another cluster': await leaf(other, 'root'),
    'a host': await leaf(ca, member('host').account),
    'a control host': await leaf(ca, member('control').account),
    'a server': await leaf(ca, member('server').account),
    'an operator': await leaf(ca, 'root'),
  };
  leaves['an operator with a token that is no use'] = leaves['an operator'];
  const revoked = await tokenOf('admin');
  await f.kv.commit([], [apiTokens.remove(revoked.split('_')[1] ?? '')]);
  tokens = {
    ...Object.fromEntries(
      await Promise.all(ROLES.map(async (role) => [role, `Bearer ${await tokenOf(role)}`] as const)),
    ),
    'a token that has expired': `Bearer ${await tokenOf('admin', -1)}`,
    'a token that was revoked': `Bearer ${revoked}`,
    'a token with another secret': `Bearer ${(await tokenOf('admin')).slice(0, 17)}${'A'.repeat(43)}`,
    'what is no token': 'Bearer wl_x',
    'a password': `Basic ${btoa('root:root')}`,
    'an operator with a token that is no use': `Bearer ${revoked}`,
  };
});
afterAll(async () => {
  server.close();
  server.closeAllConnections();
  await f.app.close();
});

const leaf = (authority: Ca, commonName: string, names: string[] = []): Promise<Leaf> =>
  createCertificates(() => Promise.resolve(authority)).issue({ commonName, names, days: 1 });

async function tokenOf(role: Role, days = 1): Promise<string> {
  const { id, token, hash } = newToken();
  const at = (ms: number): string => new Date(f.deps.now().getTime() + ms).toISOString();
  const record = { id, name: `my ${role}`, role, hash, createdAt: at(0), expiresAt: at(days * 86_400_000) };
  await f.kv.commit([], [apiTokens.put(record, id)]);
  return token;
}

interface Asked {
  readonly status: number;
  readonly name: string;
  readonly message: string;
}

/** The head of an answer is enough of one that does not end. */
function ask(as: string, method: string, path: string, more: Record<string, string> = {}): Promise<Asked> {
  const { [as]: authorization } = tokens;
  const headers = { ...(authorization !== undefined && { authorization }), ...more };
  const { port } = server.address() as AddressInfo;
  const { certPem: cert, keyPem: key } = leaves[as] ?? {};
  const options = { method, ca: ca.certPem, cert, key, agent: false as const, headers };
  return new Promise((resolve, reject) => {
    const sent = https.request(`https://127.0.0.1:${String(port)}${path}`, options, (answer) => {
      const status = answer.statusCode ?? 0;
      if (answer.headers['content-type'] === 'text/event-stream')
        return void (sent.destroy(), resolve({ status, name: '', message: '' }));
      let text = '';
      answer.on('data', (chunk: Buffer) => (text += chunk.toString()));
      answer.on('end', () => {
        const isProblem = text !== '' && String(answer.headers['content-type']).startsWith('application/problem+json');
        const body = (isProblem ? JSON.parse(text) : {}) as { name?: string; message?: string };
        resolve({ status, name: body.name ?? '', message: body.message ?? '' });
      });
    });
    sent.on('error', reject);
    sent.end();
  });
}

const REFUSALS = ['login_required', 'not_permitted', 'foreign_request'];
/** A route as it is asked for; `::` is a colon that begins no parameter. */
const lineOf = ({ method, url }: { readonly method: string; readonly url: string }): string =>
  `${method} ${url.replace(/(?<!:):\w+(\([^)]*\))?/g, 'x').replaceAll('::', ':')}`;
const open = [
  'GET /v1/version',
  'POST /v1/internal/cluster/join-options',
  'OPTIONS /v1/temporal/codec/decode', // of Temporal's UI: see temporal-ui.test
  'GET /healthz',
  'GET /v1/schemas/database.json',
];
const forMembers = [
  'POST /v1/internal/certificates',
  'POST /v1/internal/data-keys',
  'GET /v1/hosts/x',
  'GET /readyz',
  'GET /metrics',
];
/** Everything there is: the list of routes, what plugins add, what no route has. */
const everything = [
  ...routes.map(lineOf),
  ...[
    '/healthz',
    '/readyz',
    '/metrics',
    '/',
    '/v1/audit:export',
    '/v1/events',
    '/v1/openapi.json',
    '/v1/schemas/database.json',
    '/docs',
    '/docs/',
    '/docs/json',
  ],
  ...['/docs/static/index.html', '/nowhere', '/v1/databases/', '//v1/databases', '/v1/%64atabases', '/V1/databases'],
  ...[
    'HEAD /v1/databases',
    'OPTIONS /v1/databases',
    'OPTIONS /v1/temporal/codec/decode',
    'PUT /v1/databases',
    'HEAD /v1/events',
  ],
].map((line) => (line.startsWith('/') ? `GET ${line}` : line));

/** What reads and changes nothing; what operates what is declared. Everything else is for administrators. */
const READS = new Set(
  'get-database list-databases get-database-task get-database-task-log get-database-task-plan list-database-tasks list-resources plan-new-database plan-database get-host list-hosts get-host-task get-host-task-log list-host-tasks get-task list-tasks get-cluster get-backup list-backups get-replication list-conflicts get-comparison get-host-drain sign-certificate give-data-key get-database-ca decode-payloads'.split(' '), // prettier-ignore
);
const OPERATES = new Set(
  'backup-database-node delete-backup verify-backup switchover-database-node failover-database-node restart-instance stop-instance start-instance restore-database undo-restore apply-upgrade compare-nodes resync-node skip-transaction open-login get-instance-log cancel-database-task drain-host resume-host'.split(' '), // prettier-ignore
);
const linesOf = (ids: ReadonlySet<string>): string[] =>
  routes.filter(({ operationId }) => ids.has(operationId)).map(lineOf);
const forViewers = [
  ...[...open, ...forMembers, ...linesOf(READS)],
  ...['GET /v1/events', 'GET /v1/openapi.json', 'HEAD /v1/databases', 'GET /v1/%64atabases', 'GET /v1/databases/'],
];

test.each([
  ['nobody', open],
  ['an instance', open],
  ['the control plane towards Postgres', open],
  ['a server towards its clients', open],
  ['a host that was removed', open],
  ['an operator of another cluster', open],
  ['a host', [...open, ...forMembers]],
  ['a control host', everything],
  ['a server', everything],
  ['an operator', everything],
  ['viewer', forViewers],
  ['operator', [...forViewers, ...linesOf(OPERATES)]],
  ['admin', everything],
  ['a token that has expired', open],
  ['a token that was revoked', open],
  ['a token with another secret', open],
  ['what is no token', open],
  ['a password', open],
  ['an operator with a token that is no use', open],
])('%s gets an answer only where one is due', async (as, due) => {
  const answered: string[] = [];
  for (const line of everything) {
    const [method = '', path = ''] = line.split(' ');
    const { status, name } = await ask(as, method, path);
    const refused = REFUSALS.includes(name) || (method === 'HEAD' && [401, 403].includes(status));
    if (!refused) answered.push(line);
    else expect([line, status]).toEqual([line, ['a host', 'viewer', 'operator'].includes(as) ? 403 : 401]);
  }
  expect(answered.sort()).toEqual([...new Set(due)].sort());
});

test('the refusal says what to do, and whose certificate was no use', async () => {
  const { message } = await ask('nobody', 'GET', '/v1/databases');
  expect(message).toMatch(/^nobody may ask this without a login: send a token .* --cert root.crt .*docs\/operations/);
  expect((await ask('an instance', 'GET', '/v1/databases')).message).toContain(`the certificate of '${INSTANCE}'`);
});

test('who has a login is told which role it takes', async () => {
  expect((await ask('viewer', 'POST', '/v1/databases/x/nodes/x/failover')).message).toMatch(
    /^the token 'my viewer', of a viewer, does not open this, which is for operators: /,
  );
  expect((await ask('a host', 'GET', '/v1/databases')).message).toMatch(/^the certificate of host 'host-2' does not open this, which is for viewers: /); // prettier-ignore
});

test('the list of what is open is short, and every route says for itself who may call it', () => {
  const openRoutes = routes.filter(({ needs }) => needs === 'open').map(({ operationId }) => operationId);
  expect(openRoutes.sort()).toEqual(['get-join-options', 'get-version']);
});

test('a page of another site is refused also with a certificate, which its browser shows by itself', async () => {
  expect(await ask('an operator', 'GET', '/v1/databases', { origin: 'https://evil.example' })).toMatchObject({
    status: 403,
    name: 'foreign_request',
  });
});
