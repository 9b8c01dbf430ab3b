import { instanceId } from '../spec/identity.ts';
import { isMemberSlot, slotOf } from '../inside/member-slots.ts';

test.each([
  ['shop', 'n1', 'host-1'],
  ['a-long-name', 'n-2', 'a host'],
])('the slot of an instance of %s and %s is known as one of its node', (database, node, host) => {
  const slot = slotOf(instanceId(database, node, host));
  expect(slot).toMatch(/^[a-z0-9_]+$/);
  expect(isMemberSlot(`${database}:${node}`, slot)).toBe(true);
  expect(isMemberSlot(`${database}:other`, slot)).toBe(false);
});

test.each(['cdc', 'shop_n1_backup', 'shop_n1_', 'shop_n1_abcdefgh_1', 'shop_n1_abc_efgh', 'xshop_n1_abcdefgh'])(
  '%s is somebody else’s',
  (name) => {
    expect(isMemberSlot('shop:n1', name)).toBe(false);
  },
);
