// node forward.mjs <listen address> <port> <to address> <port> <folder of the CA>: passes connections on, over TLS alone, of those who show the
// operator's certificate. Databases have certificates of the same authority, which open nothing here.
import { readFileSync, watchFile } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import tls from 'node:tls';

const [listenAddress, listenPort, toAddress, toPort, folder] = process.argv.slice(2);
const OPERATOR = 'root';
const LOOK_EVERY_MS = 10_000;

const read = (file) => readFileSync(path.join(folder, file));
const trust = () => ({ cert: read('server.crt'), key: read('server.key'), ca: read('ca.crt') });

function pass(incoming) {
  incoming.on('error', () => incoming.destroy());
  if (incoming.getPeerCertificate().subject?.CN !== OPERATOR) return void incoming.destroy();
  const outgoing = net.connect(Number(toPort), toAddress);
  for (const [one, other] of [
    [incoming, outgoing],
    [outgoing, incoming],
  ]) {
    one.pipe(other);
    one.on('error', () => other.destroy());
    one.on('close', () => other.destroy());
  }
}

const asks = { requestCert: true, rejectUnauthorized: true, ALPNProtocols: ['h2'], minVersion: 'TLSv1.2' };
const server = tls.createServer({ ...trust(), ...asks }, pass).listen(Number(listenPort), listenAddress);
// The API server renews it.
watchFile(path.join(folder, 'server.crt'), { interval: LOOK_EVERY_MS }, () => server.setSecureContext(trust()));
