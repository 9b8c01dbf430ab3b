import { readConfig } from './config.ts';

const needed = {
  WINDLASS_DATA_DIR: '/data',
  WINDLASS_CA_CERT: 'ca.crt',
  WINDLASS_CA_KEY: 'ca.key',
  WINDLASS_CLIENT_CERT: 'c.crt',
  WINDLASS_CLIENT_KEY: 'c.key',
  WINDLASS_MASTER_KEY_FILE: 'master.key',
};

test('defaults are filled in and lists are split', () => {
  const config = readConfig({ ...needed, WINDLASS_CLIENT_ADDRESSES: '192.0.2.1, 192.0.2.2', UNRELATED: 'x' });
  expect(config.WINDLASS_CLIENT_ADDRESSES).toEqual(['192.0.2.1', '192.0.2.2']);
  expect(config.WINDLASS_PORT_MIN).toBe(5432);
  expect([config.WINDLASS_PUBLISH_ADDRESSES, config.WINDLASS_DATABASES_MAY_REACH]).toEqual([[], []]);
});

test('what databases may reach is an address and a port, several of them with commas', () => {
  const config = readConfig({ ...needed, WINDLASS_DATABASES_MAY_REACH: '192.0.2.7:9000, s3.example.com:443' });
  expect(config.WINDLASS_DATABASES_MAY_REACH).toEqual([
    { address: '192.0.2.7', port: 9000 },
    { address: 's3.example.com', port: 443 },
  ]);
  for (const bad of ['192.0.2.7', '192.0.2.7:0', '192.0.2.7:70000', 'a b:1'])
    expect(() => readConfig({ ...needed, WINDLASS_DATABASES_MAY_REACH: bad })).toThrow(
      `WINDLASS_DATABASES_MAY_REACH: "${bad}" is not an address and a port such as "192.0.2.7:9000"`,
    );
  expect(() => readConfig({ ...needed, WINDLASS_PUBLISH_ADDRESSES: 'localhost' })).toThrow('WINDLASS_PUBLISH_ADDRESS');
});

test('every bad value is reported at once, by name', () => {
  const bad = { ...needed, WINDLASS_DATA_DIR: 'relative', WINDLASS_PORT_MAX: '70000', WINDLASS_HOST_ID: 'No Good' };
  for (const name of ['WINDLASS_DATA_DIR', 'WINDLASS_PORT_MAX', 'WINDLASS_HOST_ID'])
    expect(() => readConfig(bad)).toThrow(name);
});

test('a worker that is trusted with the key of the CA needs master keys, in one way; any other one needs none', () => {
  const { WINDLASS_MASTER_KEY_FILE: _file, ...without } = needed;
  expect(() => readConfig(without)).toThrow('  WINDLASS_MASTER_KEY_FILE: is required, or WINDLASS_MASTER_KEY, or WINDLASS_MASTER_KEY_COMMAND'); // prettier-ignore
  expect(() => readConfig({ ...needed, WINDLASS_MASTER_KEY_COMMAND: 'pass' })).toThrow('  WINDLASS_MASTER_KEY_FILE, WINDLASS_MASTER_KEY_COMMAND: only one of them may be given'); // prettier-ignore
  const { WINDLASS_CA_KEY: _key, ...host } = without;
  expect(readConfig({ ...host, WINDLASS_SERVER_URLS: 'https://192.0.2.1:3000' })).toMatchObject({ WINDLASS_DATA_DIR: '/data' }); // prettier-ignore
});
