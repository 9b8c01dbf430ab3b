import type { StoredSpec } from '@windlass/resources/postgres/spec';
import { nodeConnections } from './node-connections.ts';
import type { InstanceStatus } from '@windlass/resources/postgres/records';

const stored = { spec: { database_name: 'shop 1', nodes: [{ name: 'n1' }, { name: 'n2' }] } } as unknown as StoredSpec;
const status = (nodeName: string, address: string, more: Partial<InstanceStatus> = {}) =>
  ({ nodeName, addresses: [address], port: 5432, writable: false, ...more }) as InstanceStatus;

test('a node is reached at all of its instances, the primary first; the client finds the one it wants', () => {
  const statuses = [
    status('n1', '192.0.2.1', { port: 5433 }),
    status('n1', '2001:db8::2', { writable: true }),
    status('n1', '192.0.2.3', { port: undefined }),
    status('n2', '192.0.2.4', { port: undefined }),
  ];
  expect(nodeConnections(stored, statuses)).toEqual([
    {
      name: 'n1',
      connection_info: {
        writer:
          'postgresql://[2001:db8::2]:5432,192.0.2.1:5433/shop%201?target_session_attrs=read-write&sslmode=require&connect_timeout=3',
        reader:
          'postgresql://[2001:db8::2]:5432,192.0.2.1:5433/shop%201?target_session_attrs=prefer-standby&sslmode=require&connect_timeout=3',
        verified_writer:
          'postgresql://[2001:db8::2]:5432,192.0.2.1:5433/shop%201?target_session_attrs=read-write&sslmode=verify-full&sslrootcert=ca.crt&connect_timeout=3',
        verified_reader:
          'postgresql://[2001:db8::2]:5432,192.0.2.1:5433/shop%201?target_session_attrs=prefer-standby&sslmode=verify-full&sslrootcert=ca.crt&connect_timeout=3',
      },
    },
    { name: 'n2' },
  ]);
});
