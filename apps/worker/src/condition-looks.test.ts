import type { InstanceStatus } from '@windlass/resources/store';
import type { Check, Watched } from '@windlass/resources/watch';
import { ConditionLooks } from './condition-looks.ts';
import { RECEIVES_NOTHING } from './sample-instance.ts';
import { clientsThatFind, container, hostInstance, PRIMARY } from './testing/instance-fixture.ts';

const clients = clientsThatFind({ row: PRIMARY, standbys: () => Promise.resolve([]), onWake: () => undefined });
const status = { writable: true } as InstanceStatus;

function checkThat(look: (at: Watched) => Promise<readonly string[]>): Check {
  return {
    name: 'made-up',
    roles: ['writable'],
    look: async (at) => (await look(at)).map((message) => ({ type: 'backup_damaged', message })),
  };
}

test('an instance is looked at once in ten seconds; in between what was found last is told', async () => {
  let looks = 0;
  const looksOf = new ConditionLooks(clients, [checkThat(() => Promise.resolve([String((looks += 1))]))]);
  const first = await looksOf.of(hostInstance, container, status);
  expect(await looksOf.of(hostInstance, container, status)).toEqual(first);
  expect(looks).toBe(1);
  looksOf.forget(hostInstance.key);
  await looksOf.of(hostInstance, container, status);
  expect(looks).toBe(2);
});

test('a check asks the Postgres of the container it is about', async () => {
  const rows: unknown[] = [];
  const look = async (at: Watched): Promise<string[]> => {
    rows.push(...(await at.ask((session) => session.query('SELECT 1'))), at.role, at.address);
    return [];
  };
  await new ConditionLooks(clients, [checkThat(look)]).of(hostInstance, container, status);
  expect(rows).toEqual([PRIMARY, 'writable', container.address]);
});

test.each([
  ['one that streams', { streaming: true, role: 'replica' }, 'streaming'],
  ['one that receives nothing', { role: 'replica', error: RECEIVES_NOTHING }, 'standby'],
  [
    'one that does not start, which Patroni calls a replica',
    { role: 'replica', error: 'it does not answer' },
    'silent',
  ],
  ['one that does not answer', { role: 'primary', error: 'it does not answer' }, 'silent'],
] as const)('the role of %s', async (_what, more, role) => {
  const seen: Watched['role'][] = [];
  const check: Check = {
    name: 'made-up',
    roles: ['writable', 'streaming', 'standby', 'silent'],
    look: (at) => {
      seen.push(at.role);
      return Promise.resolve([]);
    },
  };
  await new ConditionLooks(clients, [check]).of(hostInstance, container, {
    ...status,
    writable: false,
    ...more,
  });
  expect(seen).toEqual([role]);
});
