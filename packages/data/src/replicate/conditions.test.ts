import { Conditions } from './conditions.ts';

it('tells what begins, says something else, or ends, and since when it is so', () => {
  const told: string[] = [];
  let now = 1;
  const conditions = new Conditions(
    ({ message, since }, holds) => told.push(`${message} ${String(since)} ${String(holds)}`),
    () => now,
  );
  conditions.set('peer_unreachable', 'refused', 2);
  now = 2;
  conditions.set('peer_unreachable', 'refused', 2);
  conditions.set('peer_unreachable', 'timeout', 2);
  conditions.set('peer_unreachable', 'other', 3);
  conditions.clear(2, 'peer_unreachable', 'peer_refuses');
  conditions.clear(2, 'peer_unreachable');
  expect(told).toEqual(['refused 1 true', 'timeout 1 true', 'other 2 true', 'timeout 1 false']);
  expect(conditions.all).toEqual([{ type: 'peer_unreachable', peer: 3, message: 'other', since: 2 }]);
});
