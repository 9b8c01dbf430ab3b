import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Clients } from '@windlass/resources/clients';
import { createMemoryKv, keys, type HostRecord } from '@windlass/resources/store';
import { readConfig } from './config.ts';
import { reportHost } from './report-host.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'windlass-report-'));
afterAll(() => rmSync(folder, { recursive: true }));

const file = path.join(folder, 'health');
const config = readConfig({
  WINDLASS_DATA_DIR: folder,
  WINDLASS_CA_CERT: 'a',
  WINDLASS_CA_KEY: 'b',
  WINDLASS_CLIENT_CERT: 'c',
  WINDLASS_CLIENT_KEY: 'd',
  WINDLASS_MASTER_KEY_FILE: 'e',
  WINDLASS_HEALTH_FILE: file,
});
const clients = {
  host: { hostId: 'host-1', dataDir: folder, swarmNodeId: 'n', clientAddresses: ['127.0.0.1'] },
  docker: { postgresImages: () => Promise.resolve([]) },
} as unknown as Clients;

test('the health file is written after the record, and not at all when the record cannot be stored', async () => {
  const kv = createMemoryKv();
  const broken = { ...kv, commit: () => Promise.reject(new Error('etcd is away')) } as typeof kv;
  const failing = reportHost(broken, clients, config, () => undefined);
  await expect(failing.first).rejects.toThrow('etcd is away');
  failing.stop();
  expect(() => readFileSync(file)).toThrow('ENOENT');

  const working = reportHost(kv, clients, config, () => undefined);
  await working.first;
  working.stop();
  const stored = (await kv.get(keys.host('host-1')))?.value as HostRecord;
  expect(readFileSync(file, 'utf8')).toBe(stored.seenAt);
});
