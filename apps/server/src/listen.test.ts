import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import https from 'node:https';
import os from 'node:os';
import path from 'node:path';
import type { TLSSocket } from 'node:tls';
import { LeafBook } from '@windlass/resources/platform/leaves';
import { createCa, createCertificates } from '@windlass/resources/platform/trust';
import { readEdgeConfig } from './config.ts';
import { listen, openServerLeaf } from './listen.ts';
import { openFixture } from './testing/fixture.ts';

/** A port nobody listens on now. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

test('new connections are shown the renewed certificate, those that are open stay', async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'windlass-listen-'));
  const ca = await createCa('cluster');
  const signer = (seconds: number) => createCertificates(() => Promise.resolve(ca), seconds * 1000);
  const made = await signer(-10).issue({ commonName: '', names: ['127.0.0.2'], days: 1 });
  const at = (name: string): string => path.join(folder, name);
  const files = { 'ca.crt': ca.certPem, 'server.crt': made.certPem, 'server.key': made.keyPem };
  for (const [name, text] of Object.entries(files)) await writeFile(at(name), text);
  const port = await freePort();
  const config = readEdgeConfig({
    WINDLASS_HTTP_PORT: String(port),
    WINDLASS_HTTPS_HOST: '127.0.0.2',
    WINDLASS_SERVER_CERT: at('server.crt'),
    WINDLASS_SERVER_KEY: at('server.key'),
    WINDLASS_CA_CERT: at('ca.crt'),
  });
  const f = await openFixture(ca.certPem);
  const book = new LeafBook();
  const leaf = await openServerLeaf(config, book);
  const stop = await listen(f.app, config, leaf);
  const agent = new https.Agent({ keepAlive: true, maxSockets: 1 });
  const ask = async (options: https.RequestOptions): Promise<readonly [status: number | undefined, serial: string]> => {
    const sent = https.get(`https://127.0.0.2:${String(port)}/healthz`, { ca: ca.certPem, ...options });
    const [answer] = (await once(sent, 'response')) as [
      https.Agent & { statusCode?: number; socket: TLSSocket; resume(): void },
    ];
    const { serialNumber } = answer.socket.getPeerCertificate();
    const end = once(answer as never, 'end');
    answer.resume();
    await end;
    return [answer.statusCode, serialNumber];
  };
  await expect(ask({ agent: false })).rejects.toThrow('certificate has expired');
  expect(book.ended()).toHaveLength(1);
  const [, old] = await ask({ agent, rejectUnauthorized: false });
  await leaf?.look(signer(60));
  const [status, renewed] = await ask({ agent: false });
  expect([status, renewed === old, book.ended()]).toEqual([200, false, []]);
  expect(await ask({ agent, rejectUnauthorized: false })).toEqual([200, old]);
  agent.destroy();
  await stop();
  await rm(folder, { recursive: true });
});
