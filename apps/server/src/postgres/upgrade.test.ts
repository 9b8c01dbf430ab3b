import { databaseEntity } from '@windlass/resources/entity';
import { partOf, refKey } from '@windlass/resources/plan';
import { hostRecords } from '@windlass/resources/platform/records';
import { databaseRecords, databaseSpecs, type DatabaseRecord } from '@windlass/resources/postgres/records';
import { resourceRecords, type ResourceRecord } from '@windlass/resources/records';
import { instanceId } from '@windlass/resources/postgres/spec';
import { changeShop } from '../testing/contract-world.ts';
import { hostNow, openFixture, shopSpec, type Fixture } from '../testing/fixture.ts';

const IMAGES = [
  { postgresVersion: '18.1', id: 'sha256:18', references: ['pg:18'] },
  { postgresVersion: '17.7', id: 'sha256:7', references: ['pg:17'] },
  { postgresVersion: '17.6', id: 'sha256:6', references: ['pg:17.6'] },
];

let f: Fixture;
beforeEach(async () => {
  f = await openFixture();
  const times = { createdAt: '2026-01-01T00:00:00Z', updatedAt: '2026-01-01T00:00:00Z' };
  const service = { kind: 'swarm.service', id: 'postgres-shop-n1-689qacsi' };
  const serviceRecord: ResourceRecord = {
    ref: service,
    version: 1,
    spec: { imageId: 'sha256:6' },
    executor: { on: 'manager' },
    dependsOn: [],
    phase: 'ready',
    inputsHash: '',
    taskId: '',
    updatedAt: times.updatedAt,
  };
  await f.kv.commit(
    [],
    [
      { put: hostRecords.key('host-1'), value: hostNow({ images: IMAGES }) },
      { put: databaseSpecs.key('shop'), value: { spec: { ...shopSpec, postgres_version: '17.6' }, passwordVersions: { app: 'v' } } }, // prettier-ignore
      { put: databaseRecords.key('shop'), value: { id: 'shop', ...times, state: 'available' } },
      resourceRecords.put(serviceRecord, partOf(databaseEntity('shop')), refKey(service)),
    ],
  );
});
afterEach(() => f.app.close());

const upgrade = (body: unknown, id = 'shop') => f.call('POST', `/v1/databases/${id}/upgrade`, body);
const put = (change: Partial<DatabaseRecord>) => changeShop(f, change);
const storedSpec = async () => (await f.kv.get(databaseSpecs.key('shop')))?.value;

test('an upgrade is a task that names the version from now on and carries the image', async () => {
  const { status, body, headers } = await upgrade({ image: 'pg:17' });
  expect([status, body]).toMatchObject([
    200,
    { task: { type: 'upgrade', status: 'pending' }, database: { state: 'modifying', spec: { postgres_version: '17.7' } } },
  ]); // prettier-ignore
  const { revision } = body['database'] as { revision: string };
  expect(headers['etag']).toBe(`"${revision}"`);
  const input = { databaseId: 'shop', image: 'pg:17', revision: Number(revision) };
  expect(f.temporal.started).toMatchObject([{ type: 'upgradeDatabase', id: 'database/shop', input }]);
  expect(await storedSpec()).toMatchObject({ spec: { postgres_version: '17.7' }, passwordVersions: { app: 'v' } });
});

test.each([
  ['an unknown image', { image: 'pg:x' }, 400, 'invalid_input', 'upgrade not available: image not found in manifest: pg:x'],
  ['another major version', { image: 'pg:18' }, 400, 'invalid_input', 'upgrade not available: target postgres major 18 differs from current 17'],
  ['what it runs already', { image: 'pg:17.6' }, 400, 'invalid_input', 'upgrade not available: target version 17.6 is not newer than current 17.6'],
  ['nothing', {}, 400, 'missing_field', '"image" is missing from body'],
  ['an empty name', { image: '' }, 400, 'invalid_length', 'body.image'],
  ['no text', { image: 7 }, 400, 'decode_payload', 'image'],
])('an upgrade to %s is refused and nothing is stored', async (_what, body, status, name, message) => {
  const before = await storedSpec();
  const answer = await upgrade(body);
  expect([answer.status, answer.body['name']]).toEqual([status, name]);
  expect(answer.body['message']).toContain(message);
  expect([await storedSpec(), f.temporal.started]).toEqual([before, []]);
}); // prettier-ignore

test('an upgrade is refused in the order of the contract: unknown, then busy, then the image', async () => {
  expect((await upgrade({ image: 'pg:x' }, 'none')).headers['goa-error']).toBe('not_found');
  await put({ state: 'modifying', openTaskId: 'other' });
  const busy = await upgrade({ image: 'pg:x' });
  expect([busy.status, busy.headers['goa-error']]).toEqual([409, 'database_not_modifiable']);
});

test('upgrades are told where they are asked for', async () => {
  const offer = [{ postgres_version: '17.7', spock_version: '5', image: 'pg:17' }];
  const asked = '?include=available_upgrades&include=other';
  expect((await f.call('GET', '/v1/databases/shop')).body).not.toHaveProperty('available_upgrades');
  expect((await f.call('GET', `/v1/databases/shop${asked}`)).body['available_upgrades']).toEqual(offer);
  const { databases } = (await f.call('GET', `/v1/databases${asked}`)).body as { databases: object[] };
  expect(databases).toMatchObject([{ id: 'shop', available_upgrades: offer }]);
  await upgrade({ image: 'pg:17' });
  expect((await f.call('GET', `/v1/databases/shop${asked}`)).body).not.toHaveProperty('available_upgrades');
});

test('a host tells a version once, however many images it has of it', async () => {
  const images = [...IMAGES, { postgresVersion: '17.6', id: 'sha256:6b', references: [] }];
  await f.kv.commit([], [{ put: hostRecords.key('host-1'), value: hostNow({ images }) }]);
  const versions = (await f.call('GET', '/v1/hosts/host-1')).body['supported_pgedge_versions'] as unknown[];
  expect(versions).toHaveLength(3);
});

test('an update with force says so to its workflow, and keeps what is to stay stopped while it is wanted', async () => {
  const here = instanceId('shop', 'n1', 'host-1');
  await put({ stoppedInstances: [here, 'shop-n2-gone'] });
  const spec = { ...shopSpec, postgres_version: '17.6' };
  expect((await f.call('POST', '/v1/databases/shop?force_update=true', { spec })).status).toBe(200);
  expect(f.temporal.started).toMatchObject([{ type: 'updateDatabase', input: { force: true } }]);
  expect((await f.kv.get(databaseRecords.key('shop')))?.value).toMatchObject({ stoppedInstances: [here] });
});
