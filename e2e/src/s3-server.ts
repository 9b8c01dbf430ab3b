import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { until } from './stack.ts';

/** The host as containers on Docker's default bridge reach it. */
const BRIDGE = '172.17.0.1';

export interface S3Server {
  readonly endpoint: string;
  readonly bucket: string;
  /** The only key the server knows; key and secret are the same word. */
  readonly key: string;
  /** Directory with the certificate of its CA, `ca.crt`. */
  readonly trust: string;
  /** Where the objects are, as files. */
  readonly objects: string;
  stop(): Promise<void>;
}

/** An S3 server with TLS and one bucket. `trust` gets its certificate, which is its own CA. */
export async function startS3(directory: string, trust: string, port: number): Promise<S3Server> {
  const objects = path.join(directory, 'objects');
  rmSync(objects, { recursive: true, force: true }); // of a run that was ended: encrypted with another passphrase
  for (const one of [directory, trust, objects]) mkdirSync(one, { recursive: true });
  const [key, certificate] = [path.join(directory, 'server.key'), path.join(trust, 'ca.crt')];
  makeCertificate(key, certificate);
  const bucket = 'backups';
  const args = ['-d', objects, '-a', '0.0.0.0', '-p', String(port), '--key', key, '--cert', certificate, '-s'];
  const program = require.resolve('s3rver/bin/s3rver.js');
  const child = spawn(process.execPath, [program, ...args, '--configure-bucket', bucket], { stdio: 'ignore' });
  await until('the S3 server to listen', () => listens(port), 30_000);
  return {
    endpoint: `${BRIDGE}:${String(port)}`,
    bucket,
    key: 'S3RVER',
    trust,
    objects,
    stop: async () => {
      child.kill('SIGTERM');
      if (child.exitCode === null) await once(child, 'exit');
    },
  };
}

/** A certificate of the host that is its own CA, and its key. */
export function makeCertificate(key: string, certificate: string): void {
  const subject = ['-subj', '/CN=s3', '-addext', `subjectAltName=IP:${BRIDGE}`];
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  execFileSync('openssl', ['req', '-x509', ...curve, ...subject, '-keyout', key, '-out', certificate], {
    stdio: 'ignore',
  });
}

const listens = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
