import { accept, done, get, remove, specOf, type Task } from './client.ts';
import { cancelIn, deleteWhile, disarmAll, hangIn, type Begin } from './hang-in.ts';
import { heeded, inTurn, promised } from './hang-promises.ts';
import { forgetHost, killWorker, startHost } from './hosts.ts';
import { replicatedNode } from './replicated-node.ts';
import { ENV, etcdctl, HOST, until } from './stack.ts';
import { makeOlderImage, OLDER, PRESENT } from './versions.ts';

const SECOND = 'host-2';
const FIRST_PORT = Number(ENV.WINDLASS_PORT_MAX) + 8;
const WITHIN_MS = 120_000;

const ID = 'hang-pair';
const node = replicatedNode(ID);
const specFor = (id: string) => ({
  ...specOf('shop', { postgres_version: OLDER, nodes: [{ name: 'n1', host_ids: [HOST, SECOND] }] }),
  database_users: specOf(id).database_users,
});
const create = (id: string): Promise<void> => done(id, 'POST', '/v1/databases', { id, spec: specFor(id) }, WITHIN_MS);
const switchover = (id: string): Promise<Task> => accept('POST', `/v1/databases/${id}/nodes/n1/switchover`, {});
const failover = (id: string, body: object = { skip_validation: true }): Promise<Task> =>
  accept('POST', `/v1/databases/${id}/nodes/n1/failover`, body);
const upgrade = (id: string): Promise<Task> => accept('POST', `/v1/databases/${id}/upgrade`, { image: PRESENT });

interface Seen {
  readonly state: string;
  readonly status_updated_at: string;
  readonly postgres?: { readonly role?: string };
}
interface Member {
  readonly state: string;
  readonly replication_state?: string;
}
/** What Patroni says of the members, from which it chooses who may take over. */
async function members(): Promise<Member[]> {
  const lines = (await etcdctl(`get --prefix --print-value-only /patroni/${ID}:n1/members/`)).split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Member);
}
/** Both instances do their part, by a look of this moment, as what was seen before is of another primary; and Patroni says so. */
async function bothServe(): Promise<void> {
  const since = Date.now();
  await until('both instances to serve', async () => {
    const { instances } = await get<{ instances: readonly Seen[] }>(`/v1/databases/${ID}`);
    const serve = instances.filter((i) => i.state === 'available' && Date.parse(i.status_updated_at) > since);
    const found = await members();
    const streams = found.some((m) => m.replication_state === 'streaming') && found.every((m) => m.state === 'running');
    return streams && new Set(serve.map((i) => i.postgres?.role)).size === 2;
  });
}

beforeAll(async () => {
  await startHost(SECOND, FIRST_PORT);
  await makeOlderImage();
  await create(ID);
}, WITHIN_MS);
afterEach(disarmAll);
afterAll(async () => {
  await remove(ID);
  await forgetHost(SECOND);
});

const MOVED = ['awaitReady', 'sampleInstances'];
const UPDATE = 'applyStep update';
const OPERATIONS: readonly (readonly [string, Begin, readonly string[]])[] = [
  ['switchover', () => switchover(ID), ['beginOperation', 'findNode', 'prepareSwitchover', 'switchOver', ...MOVED]],
  ['failover', () => failover(ID), ['beginOperation', 'findNode', 'prepareFailover', 'failOver', ...MOVED]],
  ['failover that looks first', () => failover(ID, {}), ['checkPrimary']],
  ['upgrade', () => upgrade(ID), ['beginTask', 'refreshHost', 'planChange', `${UPDATE} swarm.service`, `${UPDATE} postgres.instance`]],
]; // prettier-ignore

test.each(OPERATIONS)(
  'a %s is canceled wherever it hangs',
  async (_name, begin, activities) => {
    const times: number[] = [];
    for (const [i, activity] of activities.entries()) {
      if (i === 0 || MOVED.includes(activities[i - 1] ?? '')) await bothServe();
      times.push(await cancelIn(ID, i % 2 === 0 ? 'hang' : 'deaf', activity, begin));
    }
    heeded(times);
  },
  WITHIN_MS,
);

test(
  'a failover that waits for the lease of a host of which nothing is heard is canceled',
  async () => {
    await bothServe();
    if ((await node.primary()) !== (await node.on(SECOND)).id) {
      await done(ID, 'POST', `/v1/databases/${ID}/nodes/n1/switchover`, {});
      await bothServe(); // who was the primary is a replica now, and could take over
    }
    await killWorker(SECOND);
    try {
      heeded([await cancelIn(ID, 'hang', 'awaitRelease', () => failover(ID, {}))]);
    } finally {
      await startHost(SECOND, FIRST_PORT);
    }
  },
  WITHIN_MS,
);

test(
  'a forced delete takes over from each of them',
  async () => {
    const cases: readonly (readonly [string, (id: string) => Promise<Task>])[] = [
      ['switch', (id) => hangIn(id, 'deaf', 'switchOver', () => switchover(id))],
      ['fail', (id) => hangIn(id, 'deaf', 'failOver', () => failover(id))],
      ['upgrade', (id) => hangIn(id, 'deaf', `${UPDATE} swarm.service`, () => upgrade(id))],
    ];
    const takeovers = await inTurn(cases, 2, async ([name, begin]) => {
      const id = `hang-r-${name}`;
      await create(id);
      return deleteWhile(id, await begin(id));
    });
    promised(takeovers);
  },
  2 * WITHIN_MS,
);
