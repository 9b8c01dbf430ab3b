import { openMtlsServer, type MtlsServer } from '@windlass/resources/testing';
import { readConfig } from './config.ts';
import { openTemporal } from './temporal.ts';

let server: MtlsServer;
beforeAll(async () => {
  server = await openMtlsServer();
});
afterAll(() => server.close());

const open = (settings: Record<string, string>) => {
  const files = { WINDLASS_CA_CERT: 'a', WINDLASS_CA_KEY: 'b', WINDLASS_CLIENT_CERT: 'c', WINDLASS_CLIENT_KEY: 'd' };
  const others = { WINDLASS_DATA_DIR: '/data', WINDLASS_MASTER_KEY_FILE: 'e' };
  return openTemporal(readConfig({ ...files, ...others, WINDLASS_TEMPORAL_ADDRESS: server.address, ...settings }));
};

test('with the authority and a certificate of it, under the name given, Temporal is reached', async () => {
  const connection = await open(server.settings);
  expect([...server.clients]).toEqual(['windlass-client']);
  await connection.close();
});

test('a refusal names the address and says how the connection was tried', async () => {
  const strange = { WINDLASS_TEMPORAL_TLS_CERT: server.stranger.cert, WINDLASS_TEMPORAL_TLS_KEY: server.stranger.key };
  await expect(open({ ...server.settings, ...strange })).rejects.toThrow(
    `cannot connect to Temporal at ${server.address} with the certificate of WINDLASS_TEMPORAL_TLS_CERT: `,
  );
  await expect(open({})).rejects.toThrow(`cannot connect to Temporal at ${server.address} in plain text: `);
  expect(server.clients.has('stranger')).toBe(false);
});

test('half of the settings is refused by name, and so is a file that cannot be used', async () => {
  const { WINDLASS_TEMPORAL_TLS_CA: ca, WINDLASS_TEMPORAL_TLS_SERVER_NAME: name } = server.settings;
  expect(() => open({ WINDLASS_TEMPORAL_TLS_CA: ca })).toThrow('WINDLASS_TEMPORAL_TLS_KEY: is required');
  expect(() => open({ WINDLASS_TEMPORAL_TLS_SERVER_NAME: name })).toThrow('WINDLASS_TEMPORAL_TLS_CA: is required');
  const foreign = open({ ...server.settings, WINDLASS_TEMPORAL_TLS_KEY: server.stranger.key });
  await expect(foreign).rejects.toThrow('WINDLASS_TEMPORAL_TLS_KEY: is not the key of the certificate');
  const none = open({ ...server.settings, WINDLASS_TEMPORAL_TLS_CA: '/none/ca.crt' });
  await expect(none).rejects.toThrow('WINDLASS_TEMPORAL_TLS_CA: cannot read "/none/ca.crt" (ENOENT)');
  const wrong = open({ ...server.settings, WINDLASS_TEMPORAL_TLS_CERT: __filename });
  await expect(wrong).rejects.toThrow('is not a PEM file of its kind');
});
