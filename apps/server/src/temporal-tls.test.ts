import { aCodec, openMtlsServer, type MtlsServer } from '@windlass/resources/testing';
import { readTemporalTls } from '@windlass/resources/platform/settings';
import { readConfig } from './config.ts';
import { openTemporal } from './temporal.ts';

let server: MtlsServer;
beforeAll(async () => {
  server = await openMtlsServer();
});
afterAll(() => server.close());

async function open(settings: Record<string, string>) {
  const files = { WINDLASS_CA_CERT: 'a', WINDLASS_CLIENT_CERT: 'b', WINDLASS_CLIENT_KEY: 'c', WINDLASS_CA_KEY: 'f' };
  const address = { WINDLASS_TEMPORAL_ADDRESS: server.address, WINDLASS_MASTER_KEY_FILE: 'd' };
  const config = readConfig({ ...files, ...address, ...settings });
  const { tls, bad } = await readTemporalTls(config);
  expect(bad).toEqual([]);
  return openTemporal(config, aCodec(), tls);
}

test('with the authority and a certificate of it, under the name given, Temporal is reached', async () => {
  const temporal = await open(server.settings);
  await expect(temporal.hasWorker('control')).resolves.toBe(false);
  expect([...server.clients]).toEqual(['windlass-client']);
  await temporal.close();
});

test.each([
  ['in plain text', () => ({})],
  ['under another name', () => ({ ...server.settings, WINDLASS_TEMPORAL_TLS_SERVER_NAME: 'other.test' })],
  ['with a certificate of another authority', () => ({ ...server.settings, ...strange() })],
])('%s it is not, and that is said', async (_how, settings) => {
  const temporal = await open(settings());
  await expect(temporal.hasWorker('control')).rejects.toMatchObject({ code: 'temporal_unavailable' });
  expect(server.clients.has('stranger')).toBe(false);
  await temporal.close();
});

const strange = () => ({
  WINDLASS_TEMPORAL_TLS_CERT: server.stranger.cert,
  WINDLASS_TEMPORAL_TLS_KEY: server.stranger.key,
});
