import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { LeafBook } from '@windlass/resources/platform/leaves';
import { createCa } from '@windlass/resources/platform/trust';
import { readConfig } from './config.ts';
import { connect } from './connect.ts';
import { UnreadableRecords } from './core/unreadable-records.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'windlass-files-'));
const file = (name: string): string => path.join(folder, name);
afterAll(() => rmSync(folder, { recursive: true }));

test.each([
  ['is missing', { WINDLASS_MASTER_KEY_FILE: file('none') }, `WINDLASS_MASTER_KEY_FILE: cannot read "${file('none')}" (ENOENT)`], // prettier-ignore
  ['is empty', { WINDLASS_MASTER_KEY: '\n' }, 'WINDLASS_MASTER_KEY'],
  ['is not what a key looks like', { WINDLASS_MASTER_KEY: 'swordfish' }, 'WINDLASS_MASTER_KEY'],
  ['is not printed', { WINDLASS_MASTER_KEY_COMMAND: 'echo swordfish; exit 3' }, 'WINDLASS_MASTER_KEY_COMMAND: the command ended with 3'], // prettier-ignore
])('a server whose master key %s does not start, says so, and asks nobody anything', async (_what, keys, says) => {
  const ca = await createCa('files');
  for (const name of ['ca.crt', 'client.crt']) writeFileSync(file(name), ca.certPem);
  for (const name of ['ca.key', 'client.key']) writeFileSync(file(name), ca.keyPem);
  let asked = 0;
  const etcd = createServer(() => (asked += 1)).listen(0, '127.0.0.1');
  await once(etcd, 'listening');
  const at = `127.0.0.1:${String((etcd.address() as AddressInfo).port)}`;
  const config = readConfig({
    ...{ WINDLASS_CA_CERT: file('ca.crt'), WINDLASS_CA_KEY: file('ca.key') },
    ...{ WINDLASS_CLIENT_CERT: file('client.crt'), WINDLASS_CLIENT_KEY: file('client.key') },
    ...{ WINDLASS_ETCD_ENDPOINTS: `https://${at}`, WINDLASS_TEMPORAL_ADDRESS: at },
    ...keys,
  });
  const beside = { unreadable: new UnreadableRecords(() => undefined), leaves: new LeafBook(), onError: () => undefined };
  const err = await connect(config, [], beside).catch((e: unknown) => e as Error);
  etcd.close();
  expect((err as Error).message).toContain(`the server's files cannot be used:\n  ${says}`);
  expect((err as Error).message).not.toContain('swordfish');
  expect(asked).toBe(0);
}); // prettier-ignore
