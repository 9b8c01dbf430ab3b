import { container } from '../../testing/instance-fixture.ts';
import { silentLog } from '../../testing/silent-log.ts';
import type { Clients } from '../clients/index.ts';
import type { InstanceStatus } from '../records/index.ts';
import { EndedLogins } from './ended-logins.ts';

const status = { instanceId: 'shop-n1-aaaaaaaa', databaseId: 'shop', writable: true } as InstanceStatus;

let now: number;
let looks: object[];
let answer: () => Promise<never[]>;
let ends: EndedLogins;
beforeEach(() => {
  now = 100_000;
  looks = [];
  answer = () => Promise.resolve([]);
  const session = (target: object, work: (s: unknown) => unknown) => {
    looks.push(target);
    return work({ query: () => answer() });
  };
  const clients = {
    docker: { serviceContainer: () => Promise.resolve(container) },
    postgres: { session },
  } as unknown as Clients;
  ends = new EndedLogins(clients, silentLog, () => now);
});

test('a primary is looked at every 10 s, as somebody who may only look; a replica never', async () => {
  await ends.note({ ...status, writable: false });
  expect(looks).toEqual([]);
  for (const ms of [0, 9999, 1]) {
    now += ms;
    await ends.note(status);
  }
  expect(looks).toMatchObject([{ as: 'look', keep: true }, { as: 'look' }]);
});

test('one that takes long is not looked at again meanwhile; a failure is told, and the next turn tries again', async () => {
  let fail = (_err: Error): void => undefined;
  answer = () => new Promise((_resolve, reject) => (fail = reject));
  const first = ends.note(status);
  await new Promise(setImmediate);
  now += 20_000;
  await ends.note(status);
  expect(looks).toHaveLength(1);
  fail(new Error('away'));
  await expect(first).rejects.toThrow('away');
  answer = () => Promise.resolve([]);
  await ends.note(status);
  expect(looks).toHaveLength(2);
});
