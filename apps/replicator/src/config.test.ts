import { readConfig } from './config.ts';

const needed = {
  WINDLASS_NODE_NUMBER: '1',
  WINDLASS_NODE_NAME: 'n1',
  WINDLASS_NODE_HOSTS: '10.0.0.1:5432, [fd00::1]:6000',
  WINDLASS_PEERS: '[{"number":2,"name":"n2","hosts":"host-b:5432"}]',
  WINDLASS_DATABASE: 'app',
  WINDLASS_USER: 'windlass_replicator',
};
const tls = { WINDLASS_CA_CERT: '/ca', WINDLASS_CLIENT_CERT: '/crt', WINDLASS_CLIENT_KEY: '/key' };

it('reads where the nodes are', () => {
  const config = readConfig({ ...needed, WINDLASS_PASSWORD_FILE: '', UNRELATED: 'x' });
  expect(config.WINDLASS_NODE_HOSTS).toEqual([
    { host: '10.0.0.1', port: 5432 },
    { host: 'fd00::1', port: 6000 },
  ]);
  expect(config.WINDLASS_PEERS).toEqual([{ number: 2, name: 'n2', hosts: [{ host: 'host-b', port: 5432 }] }]);
  expect(config.WINDLASS_LISTEN).toEqual({ host: '127.0.0.1', port: 9480 });
  expect(config.WINDLASS_PASSWORD_FILE).toBeUndefined();
});

it.each([
  ['WINDLASS_NODE_NUMBER', '0'],
  ['WINDLASS_NODE_HOSTS', 'nowhere'],
  ['WINDLASS_NODE_HOSTS', 'a:70000'],
  ['WINDLASS_NODE_HOSTS', ','],
  ['WINDLASS_PEERS', 'no JSON'],
  ['WINDLASS_PEERS', '[{"number":2,"name":"n2","hosts":"b:1","more":1}]'],
  ['WINDLASS_PEERS', '[{"number":1,"name":"n2","hosts":"b:1"}]'],
  ['WINDLASS_PEERS', '[{"number":2,"name":"n1","hosts":"b:1"}]'],
  ['WINDLASS_PASSWORD_FILE', 'relative'],
  ['WINDLASS_LISTEN', '9480'],
])('says that %s must not be %s', (name, value) => {
  expect(() => readConfig({ ...needed, [name]: value })).toThrow(name);
});

it('says everything that is wrong at once', () => {
  const bad = { ...needed, WINDLASS_DATABASE: undefined, WINDLASS_LOG_LEVEL: 'loud' };
  for (const name of ['WINDLASS_DATABASE', 'WINDLASS_LOG_LEVEL']) expect(() => readConfig(bad)).toThrow(name);
});

it('takes certificates all or none', () => {
  expect(readConfig({ ...needed, ...tls })).toMatchObject(tls);
  expect(() => readConfig({ ...needed, ...tls, WINDLASS_CLIENT_KEY: undefined })).toThrow('all or none');
});
