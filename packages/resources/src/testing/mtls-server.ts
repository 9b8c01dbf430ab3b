import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createSecureServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TLSSocket } from 'node:tls';
import { createCa, createCertificates } from '../platform/clients/certificates.ts';

/** A gRPC server of the name `temporal.test` that serves only clients with its authority's certificate. */
export interface MtlsServer {
  readonly address: string;
  /** Settings of a client that is let in. */
  readonly settings: Readonly<Record<`WINDLASS_TEMPORAL_TLS_${'CA' | 'CERT' | 'KEY' | 'SERVER_NAME'}`, string>>;
  /** A certificate of another authority, and its key. */
  readonly stranger: { readonly cert: string; readonly key: string };
  /** Common names of the clients whose calls were answered. */
  readonly clients: ReadonlySet<string>;
  close(): Promise<void>;
}

/** Answers every call with an empty message, which all of Temporal's client libraries take. */
export async function openMtlsServer(): Promise<MtlsServer> {
  const folder = await mkdtemp(path.join(tmpdir(), 'windlass-mtls-'));
  const [ca, other] = await Promise.all([createCa('Temporal'), createCa('Somebody else')]);
  const save = async (name: string, text: string): Promise<string> => {
    await writeFile(path.join(folder, name), text, { mode: 0o600 });
    return path.join(folder, name);
  };
  const leaf = async (authority: typeof ca, commonName: string, names: string[]) =>
    createCertificates(() => Promise.resolve(authority)).issue({ commonName, names, days: 1 });
  const own = await leaf(ca, 'temporal', ['temporal.test']);
  const client = await leaf(ca, 'windlass-client', []);
  const stranger = await leaf(other, 'stranger', []);
  const clients = new Set<string>();
  const server = serve({ key: own.keyPem, cert: own.certPem, ca: ca.certPem }, clients);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    settings: {
      WINDLASS_TEMPORAL_TLS_CA: await save('ca.crt', ca.certPem),
      WINDLASS_TEMPORAL_TLS_CERT: await save('client.crt', client.certPem),
      WINDLASS_TEMPORAL_TLS_KEY: await save('client.key', client.keyPem),
      WINDLASS_TEMPORAL_TLS_SERVER_NAME: 'temporal.test',
    },
    stranger: {
      cert: await save('stranger.crt', stranger.certPem),
      key: await save('stranger.key', stranger.keyPem),
    },
    clients,
    close: async () => {
      server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function serve(identity: { key: string; cert: string; ca: string }, clients: Set<string>) {
  const server = createSecureServer({ ...identity, requestCert: true, rejectUnauthorized: true });
  server.on('stream', (stream) => {
    const commonName = (stream.session?.socket as TLSSocket).getPeerCertificate().subject.CN;
    clients.add(String(commonName));
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.on('error', () => undefined);
    stream.end(Buffer.alloc(5));
  });
  server.on('tlsClientError', () => undefined).on('sessionError', () => undefined);
  return server;
}
