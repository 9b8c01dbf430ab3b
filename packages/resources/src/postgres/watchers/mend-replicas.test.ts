import type { Clients } from '../clients/index.ts';
import { silentLog } from '../../testing/silent-log.ts';
import { ReplicaMender } from './mend-replicas.ts';
import { RECEIVES_NOTHING } from './sample-instance.ts';
import type { InstanceStatus } from '../records/index.ts';

const stuck = {
  instanceId: 'shop-n1-a',
  container: 'running',
  role: 'replica',
  patroniState: 'running',
  error: RECEIVES_NOTHING,
} as InstanceStatus;
const well = { ...stuck, error: undefined } as InstanceStatus;

const starting = { ...stuck, patroniState: 'starting', error: 'Postgres does not answer' } as InstanceStatus;
const failed = { ...starting, patroniState: 'start failed' } as InstanceStatus;

/** A replica of a node whose primary may be away; time passes as told. */
function mender({ leader, exitCode = 0, log = '' }: { leader: string | undefined; exitCode?: number; log?: string }) {
  const done: string[] = [];
  const clients = {
    dcs: { leader: () => Promise.resolve(leader) },
    docker: {
      serviceContainer: () => Promise.resolve({ id: 'c', state: 'running', address: '192.0.2.1' }),
      log: () => Promise.resolve(log),
      exec: (_id: string, { command }: { command: string[] }) => {
        done.push(command.join(' '));
        return Promise.resolve({ exitCode, stdout: '', stderr: '' });
      },
    },
    patroni: {
      cluster: () => Promise.resolve([{ name: 'shop-n1-b', host: 'postgres-shop-n1-b' }]),
      restart: () => Promise.resolve(void done.push('restart')),
      reinitialize: () => Promise.resolve(void done.push('copy')),
    },
  } as unknown as Clients;
  let now = 0;
  const mends = new ReplicaMender(clients, silentLog, () => now);
  const seen = async (status: InstanceStatus, seconds: number): Promise<string[]> => {
    now = seconds * 1000;
    await mends.note(status, 'shop:n1');
    return done.splice(0).filter((what) => !what.startsWith('pg_isready -q -t 3 -h postgres-shop-n1-b'));
  };
  return seen;
}

it('a replica that receives nothing for 15 s is restarted, and copied anew when that does not help for a minute', async () => {
  const seen = mender({ leader: 'shop-n1-b' });
  expect(await seen(stuck, 0)).toEqual([]);
  expect(await seen(stuck, 14)).toEqual([]);
  expect(await seen(stuck, 15)).toEqual(['restart']);
  expect(await seen(stuck, 74)).toEqual([]);
  expect(await seen(stuck, 75)).toEqual(['copy']);
  expect(await seen(stuck, 900)).toEqual([]);
});

it('one that receives again is well; the next time begins anew', async () => {
  const seen = mender({ leader: 'shop-n1-b' });
  await seen(stuck, 0);
  expect(await seen(stuck, 15)).toEqual(['restart']);
  expect(await seen(well, 20)).toEqual([]);
  expect(await seen(stuck, 100)).toEqual([]);
  expect(await seen(stuck, 115)).toEqual(['restart']);
});

it('one whose Postgres does not start after its restart is copied anew; one that nobody restarted is left alone', async () => {
  const seen = mender({ leader: 'shop-n1-b' });
  for (const seconds of [0, 15, 75, 900]) expect(await seen(failed, seconds)).toEqual([]);
  await seen(stuck, 1000);
  expect(await seen(stuck, 1015)).toEqual(['restart']);
  expect(await seen(failed, 1029)).toEqual([]);
  expect(await seen({ ...starting, role: undefined, patroniState: undefined } as never, 1099)).toEqual([]);
  expect(await seen(starting, 1100)).toEqual([]);
  expect(await seen(failed, 1101)).toEqual(['copy']);
  expect(await seen({ ...failed, patroniState: 'creating replica' }, 1102)).toEqual([]);
  expect(await seen(well, 1110)).toEqual([]);
});

const waits = (place: string) => `LOG:  waiting for WAL to become available at ${place}\n`;

it('one that starts and waits at the end of its WAL is copied anew; one that replays is left alone', async () => {
  const beginning = async (log: string) => {
    const seen = mender({ leader: 'shop-n1-b', log });
    await seen(stuck, 0);
    expect(await seen(stuck, 15)).toEqual(['restart']);
    expect(await seen(starting, 44)).toEqual([]);
    return seen(starting, 900);
  };
  expect(await beginning(waits('0/3001B28').repeat(2))).toEqual(['copy']);
  expect(await beginning('LOG:  redo in progress, elapsed time: 880.00 s\n')).toEqual([]);
  expect(await beginning(waits('0/3001B28') + waits('0/3001C00'))).toEqual([]);
  expect(await beginning(`${waits('0/3001B28').repeat(2)}LOG:  starting PostgreSQL 17.6\n`)).toEqual([]);
});

it.each([
  ['there is no primary', { leader: undefined }],
  ['it is the primary', { leader: 'shop-n1-a' }],
  ['it cannot reach the primary', { exitCode: 2 }],
])('nothing is done while %s', async (_why, world) => {
  const seen = mender({ leader: 'shop-n1-b', ...world });
  for (const seconds of [0, 15, 75, 4000]) expect(await seen(stuck, seconds)).toEqual([]);
});
