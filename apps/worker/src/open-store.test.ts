import { aBox } from '@windlass/resources/testing';
import { createMemoryKv, keys, migrateStore } from '@windlass/resources/store';
import { databaseEntity } from '@windlass/resources/entity';
import { partOf, refKey, resourceRecords } from '@windlass/resources/engine';
import { present } from './deps.ts';
import { openStore } from './open-store.ts';
import type { ResourceRecord } from '@windlass/resources/records';

const service = {
  name: 'postgres-shop-n1-a', instanceId: 'shop-n1-a', nodeName: 'n1', hostId: 'host-1', scope: 'shop:n1', networkName: 'windlass-shop',
  imageId: 'sha256:1', published: true, extraVolumes: [], extraNetworks: [], extraLabels: {},
}; // prettier-ignore
const record: ResourceRecord = {
  ref: { kind: 'swarm.service', id: service.name },
  version: 1,
  spec: service,
  status: { serviceId: 's1' },
  executor: { on: 'host', hostId: 'host-1' },
  dependsOn: [],
  phase: 'ready',
  inputsHash: '',
  taskId: 't',
  updatedAt: '',
};

test('a worker touches nothing before a server has upgraded the store; then resources get their present form', async () => {
  const kv = createMemoryKv();
  await kv.commit(
    [],
    [{ put: resourceRecords.key(partOf(databaseEntity('shop')), refKey(record.ref)), value: record }],
  );
  const told: string[] = [];
  const log = {
    info: (fields: object, said: string) => void told.push(`${said} ${JSON.stringify(fields)}`),
    warn: (said: string) => void told.push(said),
  };
  const opened = openStore(kv, 'host-1', present, log as unknown as Parameters<typeof openStore>[3]);
  await Promise.race([opened, new Promise((resolve) => setImmediate(resolve))]);
  expect(told).toEqual([expect.stringMatching(/^waiting for a server to upgrade the store from version 0 to \d+$/)]);
  expect((await kv.get(resourceRecords.key(partOf(databaseEntity('shop')), refKey(record.ref))))?.revision).toBe(1);
  await migrateStore(kv, { by: 'x', box: aBox(kv), tell: () => undefined });
  await opened;
  expect(told.slice(1)).toEqual(['brought resources into the form that this program stores {"changed":1}']);
  expect((await kv.get(resourceRecords.key(partOf(databaseEntity('shop')), refKey(record.ref))))?.value).toMatchObject({
    version: 2,
    appliedVersion: 1,
    spec: service,
    status: { serviceId: 's1', specHash: '' },
  });
});

test('a store that a newer program made unreadable for this one ends the worker, in words', async () => {
  const kv = createMemoryKv();
  await kv.commit([], [{ put: keys.schema, value: { version: 99, oldestReader: 99, writtenBy: 'abc1234' } }]);
  const log = { info: () => undefined, warn: () => undefined };
  await expect(openStore(kv, 'host-1', present, log)).rejects.toMatchObject({
    code: 'store_newer',
    message: expect.stringMatching(/^the store is of version 99, which Windlass abc1234 made of it; this program knows version \d+, and at least 99 is needed/) as string,
  });
}); // prettier-ignore
