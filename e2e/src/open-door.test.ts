/** What the superuser of a database reaches from inside of its container: nothing of the control plane. */
import { call, create, get, portOf, remove, sql } from './client.ts';
import { container } from './container.ts';
import { insideScript, OPEN_PLACES, PLACES, type InsideReport } from './inside-script.ts';
import { doorScript, type DoorReport } from './open-door-script.ts';
import { bash, ENV, HOME } from './stack.ts';

const ID = 'door-a';
const NEIGHBOUR = 'door-b';
const OPEN = ['GET /v1/version', 'GET /healthz', 'POST /v1/internal/cluster/join-options'];
const CERTIFICATES = 'POST /v1/internal/certificates';
/** Of the control plane, the swarm, the engine, and the machine. */
const OURS = [
  ...[ENV.WINDLASS_HTTP_PORT, ENV.WINDLASS_ETCD_PORT, ENV.WINDLASS_ETCD_PEER_PORT].map(Number),
  ...[ENV.WINDLASS_TEMPORAL_PORT, ENV.WINDLASS_TEMPORAL_UI_PORT].map(Number),
  ...[22, 2375, 2376, 2377, 7946],
];
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

/** From inside of the database, and from a container that nothing stands before: on the network of the other database, with the certificates of this one. */
let inside: DoorReport;
let report: DoorReport;
let requests: string[];
/** Addresses of the other database, and the one on the bridge that both are on. */
let theirs: string[];
let bridged: string;
/** Address on the bridge of a container that is none of ours, which listens: a repository of backups, for instance. */
let world: string;
const WORLD = `windlass-door-world-${ENV.WINDLASS_HTTP_PORT}`;
const WORLD_PORT = 9000;

/** Starts that container, of the image of a database. */
async function startWorld(): Promise<string> {
  const { Config } = await container(ID);
  await bash(
    `docker run -d --rm --name ${WORLD} --entrypoint python3 ${Config.Image} -m http.server ${String(WORLD_PORT)}`,
  );
  return (await bash(`docker inspect --format '{{.NetworkSettings.IPAddress}}' ${WORLD}`)).trim();
}

/** Whether that container gets a connection there. */
const worldReaches = async (address: string, port: number): Promise<boolean> => {
  const script = `import socket; socket.create_connection(("${address}", ${String(port)}), 5).close()`;
  return bash(`docker exec ${WORLD} python3 -c '${script}'`).then(() => true, () => false); // prettier-ignore
};

/** Runs the script in a container of its own. */
async function runBeside(script: string): Promise<DoorReport> {
  const { Config, Mounts } = await container(ID);
  const certs = Mounts.find(({ Destination }) => Destination === '/windlass/certs')?.Source ?? '';
  const run = `docker run --rm -i --network windlass-${NEIGHBOUR} -v ${certs}:/windlass/certs:ro --entrypoint python3 ${Config.Image} -`;
  return JSON.parse(await bash(`${run} <<'SCRIPT'\n${script}\nSCRIPT`)) as DoorReport;
}

/** Every port of this machine that something listens on, but on its loopback. */
const listening = async (): Promise<number[]> => {
  const places = (await bash("ss -Htln | awk '{print $4}'")).trim().split('\n');
  const far = places.filter((place) => !/^(127\.|\[::1\])/.test(place));
  return [...new Set(far.map((place) => Number(place.split(':').at(-1))))];
};

/** Those of devices that nothing is on, too, which Node.js does not tell. */
const ownAddresses = async (): Promise<string[]> =>
  (await bash('ip -4 -o address | awk \'{split($4, a, "/"); print a[1]}\'')).trim().split('\n');

beforeAll(async () => {
  await Promise.all([create(ID, { database_users: [app, dba] }), create(NEIGHBOUR)]);
  requests = await everyRequest();
  const { NetworkSettings: neighbour } = await container(NEIGHBOUR);
  bridged = neighbour.Networks['bridge']?.IPAddress ?? '';
  theirs = Object.values(neighbour.Networks)
    .map(({ IPAddress }) => IPAddress)
    .filter((address) => address !== '');
  world = await startWorld();
  const addresses = await ownAddresses();
  const published = await Promise.all([ID, NEIGHBOUR].map(portOf));
  const script = doorScript({
    addresses: addresses.filter((address) => address !== '127.0.0.1'),
    port: Number(ENV.WINDLASS_HTTP_PORT),
    requests,
    others: [[world, WORLD_PORT], ...theirs.flatMap((address) => [5432, 8008].map((port) => [address, port] as const))],
    ports: [...new Set([...OURS, ...published, ...(await listening())])],
  });
  const [asSuperuser, beside] = await Promise.all([runAsSuperuser<DoorReport>(script), runBeside(script)]);
  // Other stacks come and go: an address that is not of this machine any more leads out of it, and whoever answers there is none of ours.
  const still = new Set([...(await ownAddresses()), ...theirs, world, '127.0.0.1']);
  const ofThis = ({ others, ...rest }: DoorReport): DoorReport => ({ ...rest, others: others.filter(({ at }) => still.has(at.slice(0, at.lastIndexOf(':')))) }); // prettier-ignore
  [inside, report] = [ofThis(asSuperuser), ofThis(beside)];
  process.stderr.write(`open door: ports that answer: ${openAt(inside).join(', ')}\n`);
});
afterAll(() => Promise.all([remove(ID), remove(NEIGHBOUR), bash(`docker rm -f ${WORLD}`)]));

const openAt = ({ others }: DoorReport): string[] => others.filter((one) => one.open).map(({ at }) => at);

test('from inside of a database only its own ports and etcd answer: no API, Temporal, swarm, engine, or other database', async () => {
  expect(bridged).toMatch(/^\d/);
  const tried = new Set(inside.others.map(({ at }) => at.split(':').at(-1)));
  for (const port of [...OURS, await portOf(NEIGHBOUR)]) expect(tried).toContain(String(port));
  expect(openAt(report)).toEqual(
    expect.arrayContaining([expect.stringMatching(/:2377$/), expect.stringMatching(/:7946$/)]),
  );
  const etcd = inside.others.filter(({ at, open }) => open && at.endsWith(`:${ENV.WINDLASS_ETCD_PORT}`));
  expect(etcd).toHaveLength(1);
  // Who takes connections for an address of the other's network, which no way leads to from here, is none of it.
  const elsewhere = theirs.flatMap((address) => [`${address}:5432`, `${address}:8008`]);
  const open = openAt(inside).filter((at) => !elsewhere.includes(at) || at.startsWith(`${bridged}:`));
  const outside = `${world}:${String(WORLD_PORT)}`;
  expect(open.sort()).toEqual(['127.0.0.1:5432', '127.0.0.1:8008', ...etcd.map(({ at }) => at), outside].sort());
  for (const { patroni } of inside.others.filter(({ at }) => elsewhere.includes(at)))
    expect([200, 403]).not.toContain(patroni);
  expect([inside.addresses, inside.plain]).toEqual([[], []]);
});

test('its host says that the filter stands; containers that are none of ours reach databases as before', async () => {
  const { hosts } = await get<{ hosts: { status: { components: Record<string, object> } }[] }>('/v1/hosts');
  expect(hosts[0]?.status.components['firewall']).toMatchObject({ healthy: true });
  expect(await worldReaches(bridged, 5432)).toBe(true);
  const gateway = inside.others.find(({ at, open }) => open && at.endsWith(`:${ENV.WINDLASS_ETCD_PORT}`))?.at ?? '';
  expect(await worldReaches(gateway.split(':')[0] ?? '', await portOf(NEIGHBOUR))).toBe(true);
});

test('what no packet filter stands before reaches the API, and has a certificate of the cluster to show', () => {
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

test('its own Patroni answers its certificate, and that of another database refuses it, where it reaches that', () => {
  const patroniAt = (at: string, seen = report): number | undefined =>
    seen.others.find((one) => one.at === `${at}:8008`)?.patroni;
  expect(patroniAt('127.0.0.1', inside)).toBe(200);
  // An address of a network that is not its own may be somebody else's from here.
  const answers = theirs.map((address) => patroniAt(address));
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
