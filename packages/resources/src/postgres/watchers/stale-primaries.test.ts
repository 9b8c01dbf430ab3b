import type { Clients, ContainerFacts } from '../clients/index.ts';
import { silentLog } from '../../testing/silent-log.ts';
import { StalePrimaries, type LocalMember } from './stale-primaries.ts';

type Row = { standby: boolean; read_only: string; streaming: boolean };
const writable: Row = { standby: false, read_only: 'off', streaming: false };
const streaming: Row = { standby: true, read_only: 'on', streaming: true };
const members: LocalMember[] = [
  { scope: 'shop:n1', instanceId: 'shop-n1-a' },
  { scope: 'other:n1', instanceId: 'other-n1-a' },
];

interface World {
  /** Of shop:n1, one for each time somebody asks; the last one stays. */
  leaders: (string | undefined)[];
  answers: (Row | Error)[];
  state: ContainerFacts['state'];
}

/** Tells that the lock of shop:n1 changed hands, and gives what was killed. */
async function tell({ leaders, answers, state }: World): Promise<string[]> {
  const killed: string[] = [];
  const next = <T>(list: T[]): T => (list.length > 1 ? (list.shift() as T) : (list[0] as T));
  let changed: (scope: string) => void = () => undefined;
  const clients = {
    dcs: {
      leader: (scope: string) => Promise.resolve(scope === 'shop:n1' ? next(leaders) : 'other-n1-a'),
      onLeader: (listener: typeof changed) => {
        changed = listener;
        return Promise.resolve({ close: () => Promise.resolve() });
      },
    },
    docker: {
      serviceContainer: (name: string) =>
        Promise.resolve({ id: `container of ${name}`, state, startedAt: '', address: '192.0.2.1', labels: {} }),
      kill: (id: string, signal: string) => {
        killed.push(`${signal} ${id}`);
        return Promise.resolve();
      },
    },
    postgres: {
      session: (_target: unknown, work: (session: unknown) => unknown) => {
        const answer = next(answers);
        if (answer instanceof Error) return Promise.reject(answer);
        return Promise.resolve(work({ query: () => Promise.resolve([answer]) }));
      },
    },
  } as unknown as Clients;
  const quiet: string[] = [];
  const first = leaders[0];
  leaders.unshift('shop-n1-a'); // nothing is wrong when the worker starts
  const stale = new StalePrimaries(clients, () => members, silentLog);
  await stale.start();
  await stale.settled();
  expect([killed, leaders[0]]).toEqual([quiet, first]);
  changed('shop:n1');
  await stale.settled();
  await stale.stop();
  return killed;
}

it('a primary that takes writes while another member holds the lock is ended', async () => {
  const world: World = { leaders: ['shop-n1-b'], answers: [writable], state: 'running' };
  expect(await tell(world)).toEqual(['SIGKILL container of postgres-shop-n1-a']);
});

it('one that does not answer is looked at again', async () => {
  const answers = [new Error('it is frozen'), writable];
  expect(await tell({ leaders: ['shop-n1-b'], answers, state: 'running' })).toHaveLength(1);
  const demoted = [new Error('it is stopping'), streaming];
  expect(await tell({ leaders: ['shop-n1-b'], answers: demoted, state: 'running' })).toEqual([]);
});

it.each<[string, Partial<World>]>([
  ['it holds the lock', { leaders: ['shop-n1-a'] }],
  ['nobody holds the lock', { leaders: [undefined] }],
  ['it has the lock back when it has answered', { leaders: ['shop-n1-b', 'shop-n1-a'] }],
  ['it follows the new primary', { answers: [streaming] }],
  ['its container does not run', { state: 'exited' }],
])('nothing is ended when %s', async (_why, change) => {
  expect(await tell({ leaders: ['shop-n1-b'], answers: [writable], state: 'running', ...change })).toEqual([]);
});
