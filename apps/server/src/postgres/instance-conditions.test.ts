import { instanceConditions } from './instance-conditions.ts';
import type { InstanceStatus } from '@windlass/resources/postgres/records';

test('what was found at an instance is told with its node, its id and since when', () => {
  const status = {
    nodeName: 'n1',
    instanceId: 'shop-n1-a',
    conditions: [{ type: 'backup_damaged', message: 'a page is damaged', since: '2026-01-01T00:00:00.000Z' }],
  } as unknown as InstanceStatus;
  expect(instanceConditions([status, { nodeName: 'n1', instanceId: 'shop-n1-b' } as InstanceStatus])).toEqual([
    {
      type: 'backup_damaged',
      node_name: 'n1',
      instance_id: 'shop-n1-a',
      message: 'a page is damaged',
      since: '2026-01-01T00:00:00Z',
    },
  ]);
});
