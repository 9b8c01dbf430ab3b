/** What the superuser of a database reaches from inside of its container: nothing of the control plane. */
import os from 'node:os';
import { call, create, get, remove, sql } from './client.ts';
import { container } from './container.ts';
import { insideScript, OPEN_PLACES, PLACES, type InsideReport } from './inside-script.ts';
import { doorScript, type DoorReport } from './open-door-script.ts';
import { bash, ENV, HOME } from './stack.ts';

const ID = 'door-a';
const NEIGHBOUR = 'door-b';
const OPEN = ['GET /v1/version', 'GET /healthz', 'POST /v1/internal/cluster/join-options'];
const CERTIFICATES = 'POST /v1/internal/certificates';
const dba = { username: 'dba', password: 'pw-dba', attributes: ['LOGIN', 'SUPERUSER'] };
const app = { username: 'app', password: `pw-${ID}`, db_owner: true, attributes: ['LOGIN'] };

/** Everything the API says it has, what it does not say, and what is not there. */
async function everyRequest(): Promise<string[]> {
  const { paths } = await get<{ paths: Record<string, Record<string, unknown>> }>('/v1/openapi.json');
  const known = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replace(/\{[^}]*\}/g, ID)}`),
  );
  const plugins = [
    '/healthz',
    '/readyz',
    '/metrics',
    '/',
    '/docs',
    '/docs/',
    '/docs/json',
    '/v1/openapi.json',
    '/v1/events',
  ];
  const others = ['/nowhere', '//v1/databases', '/v1/%64atabases', '/v1/hosts/host-1'];
  return [...new Set([...known, ...[...plugins, ...others].map((path) => `GET ${path}`), ...OPEN, CERTIFICATES])];
}

/** Runs the script as Postgres does for whoever may `COPY … TO PROGRAM`. */
async function runAsSuperuser<T>(script: string): Promise<T> {
  const file = '/tmp/open-door.json';
  const text = Buffer.from(script).toString('base64');
  await sql(
    ID,
    `COPY (SELECT 1) TO PROGRAM 'cat >/dev/null; echo ${text} | base64 -d | python3 - >${file}'`,
    'dba',
    'pw-dba',
  );
  const [row] = await sql<{ text: string }>(ID, `SELECT pg_read_file('${file}') AS text`, 'dba', 'pw-dba');
  return JSON.parse(row?.text ?? '') as T;
}

let report: DoorReport;
let requests: string[];
/** Addresses of the other database. */
let theirs: string[];

beforeAll(async () => {
  await Promise.all([create(ID, { database_users: [app, dba] }), create(NEIGHBOUR)]);
  requests = await everyRequest();
  const { NetworkSettings: neighbour } = await container(NEIGHBOUR);
  theirs = Object.values(neighbour.Networks)
    .map(({ IPAddress }) => IPAddress)
    .filter((address) => address !== '');
  const addresses = Object.values(os.networkInterfaces()).flatMap((all = []) => all.map(({ address }) => address));
  report = await runAsSuperuser<DoorReport>(
    doorScript({
      addresses: addresses.filter((address) => address.includes('.')),
      port: Number(ENV.WINDLASS_HTTP_PORT),
      requests,
      others: theirs.flatMap((address) => [5432, 8008].map((port) => [address, port] as const)),
    }),
  );
  const open = report.others
    .filter((one) => one.open)
    .map(({ at, patroni }) => `${at}${patroni ? ` (Patroni: ${String(patroni)})` : ''}`);
  process.stderr.write(
    `open door: API at ${report.addresses.join(', ')}; other ports that answer: ${open.join(', ')}\n`,
  );
});
afterAll(() => Promise.all([remove(ID), remove(NEIGHBOUR)]));

test('it reaches the API, and has a certificate of the cluster to show', () => {
  expect(report.addresses.length).toBeGreaterThan(0);
  expect(report.certificates).toContain('/windlass/certs/server.crt');
  expect(report.answers).toHaveLength(report.addresses.length * (report.certificates.length + 1) * requests.length);
  expect(requests.length).toBeGreaterThan(40);
});

test('only what a joining machine needs is answered, whatever is shown: everything else is 401 by name', () => {
  const refused = report.answers.filter(({ status, name }) => status === 401 && name === 'login_required');
  const answered = report.answers.filter((answer) => !refused.includes(answer));
  expect([...new Set(answered.map(({ request }) => request))].sort()).toEqual([...OPEN].sort());
  for (const { request, status } of answered)
    expect([request, status]).toEqual([request, request === 'POST /v1/internal/cluster/join-options' ? 400 : 200]);
});

test('plain http answers nowhere', () => {
  expect(report.plain).toEqual([]);
});

test('its own Patroni answers its certificate, and that of another database refuses it', () => {
  const patroniAt = (at: string): number | undefined => report.others.find((one) => one.at === `${at}:8008`)?.patroni;
  expect(patroniAt('127.0.0.1')).toBe(200);
  // An address of a network that is not its own may be somebody else's from here.
  const answers = theirs.map(patroniAt);
  expect(answers).not.toContain(200);
  expect(answers).toContain(403);
});

test('no program in it has a capability, gains one, is root, or writes anywhere but where data belongs', async () => {
  const found = await runAsSuperuser<InsideReport>(insideScript());
  const none = '0000000000000000';
  for (const status of [found.status, found.first])
    expect(status).toMatchObject({
      ...{ CapInh: none, CapPrm: none, CapEff: none, CapBnd: none, CapAmb: none },
      ...{ NoNewPrivs: '1', Seccomp: '2', Uid: [5432, 5432, 5432, 5432].join('\t') },
    });
  expect(found.writable).toEqual(
    Object.fromEntries([...PLACES.map((place) => [place, false]), ...OPEN_PLACES.map((place) => [place, true])]),
  );
  expect([found.uid, found.setuid, found.pids, found.engine]).toEqual([5432, [], '4096', false]);
});

test('an operator on another machine asks with the certificate of the first one', async () => {
  const ca = `${HOME}/ca`;
  const [address] = report.addresses;
  const url = `https://${address ?? ''}:${ENV.WINDLASS_HTTP_PORT}/v1/databases/${ID}`;
  const asOperator = `curl -sS --cacert ${ca}/ca.crt --cert ${ca}/root.crt --key ${ca}/root.key ${url}`;
  expect(JSON.parse(await bash(asOperator))).toMatchObject({ id: ID });
  expect(JSON.parse(await bash(`curl -sS --cacert ${ca}/ca.crt ${url}`))).toMatchObject({
    name: 'login_required',
    message: expect.stringContaining('--cert root.crt') as string,
  });
});

test('so does who has a token, as long as it is not revoked, and as far as its role goes', async () => {
  const [address] = report.addresses;
  const base = `https://${address ?? ''}:${ENV.WINDLASS_HTTP_PORT}/v1`;
  const { body: made } = await call<{ token: string; api_token: { id: string } }>('POST', '/v1/tokens', {
    name: 'the test',
    role: 'viewer',
  });
  const ask = async (method: string, path: string): Promise<unknown> =>
    JSON.parse(
      await bash(
        `curl -sS --cacert ${HOME}/ca/ca.crt -X ${method} -H 'authorization: Bearer ${made.token}' ${base}${path}`,
      ),
    );
  expect(await ask('GET', `/databases/${ID}`)).toMatchObject({ id: ID });
  expect(await ask('DELETE', `/databases/${ID}`)).toMatchObject({ name: 'not_permitted' });
  await call('DELETE', `/v1/tokens/${made.api_token.id}`);
  expect(await ask('GET', `/databases/${ID}`)).toMatchObject({ name: 'login_required' });
});
