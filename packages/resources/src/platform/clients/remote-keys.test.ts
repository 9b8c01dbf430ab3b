import { once } from 'node:events';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { aBox } from '../../testing/a-box.ts';
import { createMemoryKv, createSecretBox, createSecrets, dataKeyRecords, type Kv } from '../../store/index.ts';
import { createCa, createCertificates, type Ca } from './certificates.ts';
import { createRemoteKeys } from './remote-keys.ts';

let ca: Ca;
let server: https.Server;
let url: string;
let kv: Kv;
let says: { readonly status: number; readonly body: object } | undefined;
const asked: unknown[] = [];

const leaf = (commonName: string) =>
  createCertificates(() => Promise.resolve(ca)).issue({ commonName, names: ['127.0.0.1'], days: 1 });

/** A server that gives every key. */
beforeAll(async () => {
  ca = await createCa('cluster');
  const { certPem, keyPem } = await leaf('');
  server = https.createServer({ cert: certPem, key: keyPem, ca: ca.certPem, requestCert: true }, (req, res) => {
    let text = '';
    req.on('data', (chunk: Buffer) => (text += chunk.toString()));
    req.on('end', () => void give(text).then(({ status, body }) => res.writeHead(status).end(JSON.stringify(body))));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `https://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
});
beforeEach(() => {
  kv = createMemoryKv();
  asked.length = 0;
  says = undefined;
});
afterAll(() => server.close());

async function give(text: string): Promise<{ status: number; body: object }> {
  const request = JSON.parse(text) as { kind: string; id: string; key_id?: string };
  asked.push(request);
  if (says) return says;
  const { key, claim } = await aBox(kv).keyOf(request, request.key_id);
  await kv.commit(claim.expect, claim.writes);
  return { status: 200, body: { key_id: key.id, key: key.bytes.toString('base64') } };
}
async function secretsOfHost(...serverUrls: string[]) {
  const { certPem, keyPem } = await leaf('host-a');
  return createSecrets(
    kv,
    createSecretBox(kv, createRemoteKeys(kv, { serverUrls, identity: () => ({ caPem: ca.certPem, certPem, keyPem }) })),
  );
}

test('a host without a master key seals and opens with the key a server gives, and asks once', async () => {
  const secrets = await secretsOfHost('https://127.0.0.1:1', url);
  expect(await secrets.getOrCreate('database/shop/etcd/a', () => 'made here')).toBe('made here');
  expect(await secrets.get('database/shop/etcd/a')).toBe('made here');
  await secrets.put('database/shop/etcd/b', 'b');
  expect(await createSecrets(kv, aBox(kv)).get('database/shop/etcd/a')).toBe('made here');
  const id = (await dataKeyRecords.get(kv, 'database', 'shop'))?.value.id;
  expect(asked).toEqual([{ kind: 'database', id: 'shop' }, { kind: 'database', id: 'shop', key_id: id }]); // prettier-ignore
});

test('a no is final and keeps its name; no server at all may pass', async () => {
  await createSecrets(kv, aBox(kv)).put('database/shop/etcd/a', 'text');
  says = { status: 409, body: { name: 'operation_refused', message: "host 'a' has nothing of database/shop" } };
  await expect((await secretsOfHost(url)).get('database/shop/etcd/a')).rejects.toMatchObject({
    code: 'operation_refused',
    message: "the secret 'database/shop/etcd/a' cannot be opened: host 'a' has nothing of database/shop",
  });
  await expect((await secretsOfHost('https://127.0.0.1:1')).get('database/shop/etcd/a')).rejects.toMatchObject({
    code: 'server_unavailable',
    message: expect.stringContaining('no server gives data keys') as string,
  });
});
