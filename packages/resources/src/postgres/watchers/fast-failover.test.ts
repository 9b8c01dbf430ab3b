import type { Clients, ContainerDeath, ContainerFacts, LeaderLock } from '../clients/index.ts';
import { databaseRecords, databaseSpecs, type DatabaseRecord } from '../records/index.ts';
import { createMemoryKv, type Kv } from '../../store/index.ts';
import { taskLogEntries, taskRecords, type TaskRecord } from '../../tasks/index.ts';
import { silentLog } from '../../testing/silent-log.ts';
import { FastFailover } from './fast-failover.ts';

const shop: DatabaseRecord = { id: 'shop', createdAt: '', updatedAt: '', state: 'available' };
const lock: LeaderLock = { holder: 'shop-n1-a', lease: '7', modRevision: '9' };
const death: ContainerDeath = {
  containerId: 'c1',
  attributes: {
    'pgedge.component': 'postgres',
    'pgedge.host.id': 'host-1',
    'pgedge.database.id': 'shop',
    'pgedge.node.name': 'n1',
    'pgedge.instance.id': 'shop-n1-a',
    exitCode: '137',
  },
};
const container = (id: string, state: ContainerFacts['state']): ContainerFacts => ({
  id,
  state,
  startedAt: '',
  address: '',
  labels: {},
});

interface World {
  lock: LeaderLock | undefined;
  members: string[];
  synchronous: string[];
  newest: ContainerFacts | undefined;
  successor: string;
  releases: boolean;
}
const world: World = {
  lock,
  members: ['shop-n1-a', 'shop-n1-b'],
  synchronous: ['shop-n1-b'],
  newest: container('c1', 'exited'),
  successor: 'shop-n1-b',
  releases: true,
};

let kv: Kv;
let released: LeaderLock[];

/** Tells one death to a worker of host-1 and gives the failover tasks there are afterwards. */
async function tell(change: Partial<World>, event: ContainerDeath = death): Promise<TaskRecord[]> {
  const now = { ...world, ...change };
  let restarted = false;
  let die: (death: ContainerDeath) => void = () => undefined;
  const clients = {
    host: { hostId: 'host-1' },
    docker: {
      serviceContainer: () => Promise.resolve(restarted ? container('c9', 'running') : now.newest),
      onContainerDied: (listener: typeof die) => {
        die = listener;
        return () => undefined;
      },
    },
    patroni: { wake: () => Promise.resolve(), isPrimary: () => Promise.resolve(false) },
    postgres: {
      session: (_target: unknown, work: (session: unknown) => unknown) =>
        Promise.resolve(work({ query: () => Promise.resolve([{ standby: true, streaming: true }]) })),
    },
    dcs: {
      leaderLock: () => Promise.resolve(now.lock),
      members: () => Promise.resolve(now.members),
      synchronousStandbys: () => Promise.resolve(now.synchronous),
      releaseLeaderLock: (_scope: string, held: LeaderLock) => {
        released.push(held);
        return Promise.resolve(now.releases);
      },
      waitForLeader: () => {
        restarted = true;
        return Promise.resolve(now.successor);
      },
    },
  } as unknown as Clients;
  const failover = new FastFailover(kv, clients, silentLog);
  failover.start();
  die(event);
  await failover.settled();
  await failover.stop();
  return (await taskRecords.list(kv, ['database', 'shop'])).map((row) => row.value);
}

beforeEach(async () => {
  kv = createMemoryKv();
  released = [];
  await kv.commit([], [databaseRecords.put(shop, 'shop')]);
});

describe('fast failover', () => {
  it('takes the lock of a dead primary and tells who took over', async () => {
    const [task] = await tell({});
    expect(released).toEqual([lock]);
    expect(task).toMatchObject({ type: 'failover', status: 'completed', instanceId: 'shop-n1-a', hostId: 'host-1' });
    const log = (await taskLogEntries.list(kv, ['database', 'shop', task?.taskId ?? ''])).map((row) => row.value);
    expect(log).toEqual([
      expect.objectContaining({ message: "the container of the primary 'shop-n1-a' ended" }),
      expect.objectContaining({ message: expect.stringContaining("did not come to 'shop-n1-b'") }),
      expect.objectContaining({
        message: expect.stringMatching(
          /^'shop-n1-b' took over from 'shop-n1-a' after \d+ms; no acknowledged commit is lost$/,
        ),
        fields: expect.objectContaining({ to: 'shop-n1-b', lost_bytes: 0 }),
      }),
    ]);
  });

  it('does not promise anything about commits when replication is asynchronous', async () => {
    const [task] = await tell({ synchronous: [] });
    const log = (await taskLogEntries.list(kv, ['database', 'shop', task?.taskId ?? ''])).map((row) => row.value);
    expect(log[2]).toMatchObject({ message: expect.stringContaining('replication was asynchronous') });
    expect((log[2] as { fields: object }).fields).not.toHaveProperty('lost_bytes');
  });

  it.each<[string, Partial<World>]>([
    ['another member holds the lock', { lock: { ...lock, holder: 'shop-n1-b' } }],
    ['nobody holds the lock', { lock: undefined }],
    ['there is no other member', { members: ['shop-n1-a'] }],
    ['a newer container of the instance is there', { newest: container('c2', 'created') }],
    ['the container runs again', { newest: container('c1', 'running') }],
  ])('does nothing when %s', async (_why, change) => {
    expect(await tell(change)).toEqual([]);
    expect(released).toEqual([]);
  });

  it.each([
    ['of another host', { 'pgedge.host.id': 'host-2' }],
    ['that is no Postgres', { 'pgedge.component': 'service' }],
  ])('does nothing about a container %s', async (_what, attributes) => {
    expect(await tell({}, { ...death, attributes: { ...death.attributes, ...attributes } })).toEqual([]);
    expect(released).toEqual([]);
  });

  it('does nothing for a database that is being deleted', async () => {
    await kv.commit([], [databaseRecords.put({ ...shop, state: 'deleting' }, 'shop')]);
    expect(await tell({})).toEqual([]);
    expect(released).toEqual([]);
  });

  it('does nothing for a node that is being removed; one whose spec cannot be read is helped', async () => {
    const declare = (name: string) => {
      const spec = { database_name: 'shop', nodes: [{ name, host_ids: ['host-1', 'host-2'] }] };
      return kv.commit([], [{ put: databaseSpecs.key('shop'), value: { spec, passwordVersions: {} } }]);
    };
    await declare('n2');
    expect(await tell({})).toEqual([]);
    expect(released).toEqual([]);
    await kv.commit([], [{ put: databaseSpecs.key('shop'), value: { later: true } }]);
    expect(await tell({})).toHaveLength(1);
    await declare('n1');
    expect(await tell({})).toHaveLength(2);
  });

  it('says so when the lock changed hands in the meantime', async () => {
    const [task] = await tell({ releases: false });
    expect(task?.status).toBe('completed');
  });

  it('finishes the task it began before its worker was restarted', async () => {
    const open: TaskRecord = { taskId: 't1', scope: 'database', entityId: 'shop', type: 'failover', status: 'running', createdAt: new Date().toISOString(), workflowId: '', nodeName: 'n1', instanceId: 'shop-n1-a', hostId: 'host-1' }; // prettier-ignore
    await kv.commit([], [taskRecords.put(open, 'database', 'shop', 't1')]);
    const [task] = await tell({ lock: undefined });
    expect(task).toMatchObject({ taskId: 't1', status: 'completed' });
  });
});
