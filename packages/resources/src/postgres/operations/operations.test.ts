import { tmpdir } from 'node:os';
import type { Clients, ClusterMember, PostgresSession } from '../clients/ports.ts';
import { DomainError } from '../../errors/index.ts';
import { successors } from '../inside/hand-over.ts';
import { createFakeClients } from '../../testing/index.ts';
import { chooseSuccessor } from './choose-successor.ts';
import { failOver, prepareFailover, primaryLives, restartPostgres, switchOver, untilReleased } from './index.ts';

const member = (name: string, more: Partial<ClusterMember> = {}): ClusterMember => ({
  name,
  role: 'replica',
  state: 'streaming',
  host: '192.0.2.1',
  lagBytes: 0,
  pendingRestart: false,
  ...more,
});
const leader = member('a', { role: 'leader', state: 'running' });
const MIB = 2 ** 20;
const run = { signal: new AbortController().signal, progress: () => undefined };

let fake: Clients;
beforeAll(async () => (fake = await createFakeClients(tmpdir())));

interface Node {
  members?: ClusterMember[];
  leader?: string | undefined;
  config?: Record<string, unknown>;
  /** Named by Patroni in etcd; asked for once more each time. */
  synchronous?: () => string[];
  /** Who receives WAL according to the primary, asked for once more each time; all who run unless told. */
  receiving?: () => { name: string; lag: string }[];
  /** What Patroni does when it is asked for a change of the primary. */
  change?: (candidate: string) => Promise<void> | void;
}

/** A node as etcd and Patroni tell of it; every container runs here. */
function clientsOf(node: Node): { clients: Clients; asked: string[] } {
  const asked: string[] = [];
  const change = async (kind: string, candidate: string): Promise<void> => {
    asked.push(`${kind} ${candidate}`);
    await node.change?.(candidate);
  };
  const container = { id: 'c', state: 'running' as const, startedAt: '', address: '192.0.2.1', labels: {} };
  const all = () => (node.members ?? []).map(({ name, lagBytes }) => ({ name, lag: String(lagBytes) }));
  const query = () => Promise.resolve((node.receiving ?? all)() as never[]);
  const clients: Clients = {
    ...fake,
    postgres: { ...fake.postgres, session: (_target, work) => work({ query } as unknown as PostgresSession) },
    docker: { ...fake.docker, serviceContainer: () => Promise.resolve(container) },
    dcs: {
      ...fake.dcs,
      config: () => Promise.resolve(node.config),
      leader: () => Promise.resolve(node.leader),
      synchronousStandbys: () => Promise.resolve(node.synchronous?.() ?? []),
      waitForLeader: async (_scope, signal, except) => {
        while (node.leader === undefined || node.leader === except) {
          signal.throwIfAborted();
          await new Promise((resolve) => setImmediate(resolve));
        }
        return node.leader;
      },
    },
    patroni: {
      ...fake.patroni,
      cluster: () => Promise.resolve(node.members ?? []),
      isPrimary: () => Promise.resolve(node.leader !== undefined),
      switchover: (_address, { candidate }) => change('switchover', candidate),
      failover: (_address, { candidate }) => change('failover', candidate),
    },
  };
  return { clients, asked };
}

describe('who takes over in an orderly way', () => {
  const seen = { scope: 's', leader: 'a', address: '192.0.2.1' };
  const able = (node: Node, candidate?: string) =>
    successors(clientsOf(node).clients, { ...seen, candidate, withinMs: 300 }, run.signal);

  it('is the synchronous standby, else who is least behind', async () => {
    const members = [leader, member('b', { lagBytes: 5 }), member('c', { lagBytes: 3 })];
    expect(chooseSuccessor(await able({ members }), 'a').name).toBe('c');
    members.push(member('d', { role: 'sync_standby', lagBytes: 9 }));
    expect(chooseSuccessor(await able({ members }), 'a').name).toBe('d');
  });

  it('is nobody who does not run or is more than 16 MiB behind', async () => {
    const starting = [leader, member('b', { state: 'starting' })];
    expect(await able({ members: starting })).toEqual([]);
    expect(() => chooseSuccessor([], 'a')).toThrow(/no replica of 'a' streams/);
    expect(chooseSuccessor([member('b', { lagBytes: 16 * MIB })], 'a').name).toBe('b');
    expect(() => chooseSuccessor([member('b', { lagBytes: 16 * MIB + 1 })], 'a')).toThrow(/at most 16 MiB/);
  });

  it('is who receives what the primary writes, as the primary itself says; a replica that connects again is waited for', async () => {
    const members = [leader, member('b', { lagBytes: 0 }), member('c', { lagBytes: 3 })];
    const said = [[], [{ name: 'c', lag: '7' }]];
    const receiving = () => said.shift() ?? [];
    expect(await able({ members, receiving })).toMatchObject([{ name: 'c', lagBytes: 7 }]);
    said.push([{ name: 'c', lag: '7' }], [{ name: 'b', lag: '9' }]);
    expect(await able({ members, receiving }, 'b')).toMatchObject([{ name: 'b', lagBytes: 9 }]);
    expect(said).toEqual([]);
  });

  it('is with synchronous replication who has every commit, once Patroni has named one', async () => {
    const members = [leader, member('b'), member('c', { lagBytes: 9 })];
    const named = [[], ['c']];
    const config = { synchronous_mode: true };
    const { clients } = clientsOf({ members, config, synchronous: () => named.shift() ?? [] });
    expect((await successors(clients, seen, run.signal)).map((m) => m.name)).toEqual(['c']);
    expect(named).toEqual([]);
    const free = clientsOf({ members }).clients;
    expect((await successors(free, seen, run.signal)).map((m) => m.name)).toEqual(['b', 'c']);
  });

  it('is exactly the candidate where one is named', async () => {
    const members = [leader, member('b'), member('c', { lagBytes: 17 * MIB }), member('d', { state: 'stopped' })];
    const choose = async (name: string) => chooseSuccessor(await able({ members }, name), 'a', name).name;
    expect(await choose('b')).toBe('b');
    await expect(choose('c')).rejects.toThrow(`'c' is ${String(17 * MIB)} bytes behind`);
    for (const name of ['a', 'd']) await expect(choose(name)).rejects.toThrow(`'${name}' does not stream`);
  });
});

describe('a switchover', () => {
  const ask = (node: Node) => {
    const { clients, asked } = clientsOf(node);
    const done = switchOver(clients, { scope: 's', leader: 'a', candidate: 'b' }, run);
    return { done, asked };
  };

  it('ends when the lock changes hands, without waiting for the answer of Patroni', async () => {
    const node: Node = { leader: 'a' };
    node.change = () => {
      node.leader = 'b';
      return new Promise(() => undefined);
    };
    const { done, asked } = ask(node);
    await done;
    expect(asked).toEqual(['switchover b']);
  });

  it('that was carried out before is not asked for again', async () => {
    const { done, asked } = ask({ leader: 'b' });
    await done;
    expect(asked).toEqual([]);
  });

  it('with another primary by now is refused', async () => {
    await expect(ask({ leader: 'c' }).done).rejects.toThrow("the primary of 's' is 'c' now");
    await expect(ask({ leader: undefined }).done).rejects.toThrow("the primary of 's' is nobody now");
  });

  it('that another member wins says so', async () => {
    const node: Node = { leader: 'a', change: () => void (node.leader = 'c') };
    await expect(ask(node).done).rejects.toMatchObject({ code: 'operation_refused', message: "'c' took over instead of 'b'" }); // prettier-ignore
  });

  it('ends at once where Patroni refuses, not where it only fails', async () => {
    const answer = (status: number) => new DomainError('patroni_unavailable', 'no', { details: { status } });
    await expect(ask({ leader: 'a', change: () => Promise.reject(answer(412)) }).done).rejects.toMatchObject({ code: 'operation_refused' }); // prettier-ignore
    const node: Node = { leader: 'a' };
    node.change = () => {
      setImmediate(() => (node.leader = 'b')); // after the failure has been told
      return Promise.reject(answer(503));
    };
    await ask(node).done;
  });
});

describe('a change to the one member that will do', () => {
  const change = async (more: Node): Promise<string[]> => {
    const node: Node = { leader: 'a', change: (candidate) => void (node.leader = candidate), ...more };
    const { clients, asked } = clientsOf(node);
    await switchOver(clients, { scope: 's', leader: 'a', candidate: 'b', nobodyElse: true }, run);
    return asked;
  };

  it('is a failover where Patroni names another one as synchronous, as it would refuse to switch over', async () => {
    const config = { synchronous_mode: true };
    expect(await change({ config, synchronous: () => ['c'] })).toEqual(['failover b']);
    expect(await change({ config, synchronous: () => ['b'] })).toEqual(['switchover b']);
    expect(await change({ config: {} })).toEqual(['switchover b']);
  });
});

describe('a failover', () => {
  const wish = { scope: 's', instanceId: 'b', leader: 'a', skipValidation: false };
  const prepare = (node: Node, more: object = {}) => prepareFailover(clientsOf(node).clients, { ...wish, ...more });

  it('goes to the member that lacks least, and says how much', async () => {
    const members = [leader, member('b', { lagBytes: 7 }), member('c', { lagBytes: 5, state: 'running' })];
    expect(await prepare({ members })).toEqual({ candidate: 'c', lagBytes: 5 });
    expect(await prepare({ members }, { candidate: 'b' })).toEqual({ candidate: 'b', lagBytes: 7 });
  });

  it('that could lose more than 1 MiB is refused unless it is forced', async () => {
    const members = [leader, member('b', { lagBytes: MIB + 1 })];
    await expect(prepare({ members })).rejects.toThrow(`'b' lacks ${String(MIB + 1)} bytes`);
    expect(await prepare({ members }, { skipValidation: true })).toEqual({ candidate: 'b', lagBytes: MIB + 1 });
    const unknown = [leader, member('b', { lagBytes: Infinity })];
    await expect(prepare({ members: unknown })).rejects.toThrow(/nobody can say how many/);
    expect(await prepare({ members: unknown }, { skipValidation: true })).toEqual({ candidate: 'b' });
  });

  it('of a synchronous node goes to a synchronous standby', async () => {
    const config = { synchronous_mode: true };
    const members = [leader, member('b'), member('c', { role: 'sync_standby', lagBytes: 9 })];
    expect(await prepare({ members, config })).toMatchObject({ candidate: 'c' });
    await expect(prepare({ members, config }, { candidate: 'b' })).rejects.toThrow(/no synchronous standby/);
  });

  it('needs somebody who runs', async () => {
    await expect(prepare({ members: [leader] })).rejects.toThrow("no replica of 's' runs");
    await expect(prepare({ members: [leader] }, { candidate: 'a' })).rejects.toThrow("'a' is no replica that runs");
  });

  const takeover = { scope: 's', instanceId: 'b', leader: 'a', candidate: 'b', insist: false };
  it('takes over when the lock is free, when it becomes free, and once', async () => {
    for (const before of [undefined, 'a']) {
      const node: Node = { leader: before, change: (to) => void (node.leader = to) };
      const { clients, asked } = clientsOf(node);
      expect(await failOver(clients, takeover, run)).toBe('b');
      expect(await failOver(clients, takeover, run)).toBe('b');
      expect(asked).toEqual(['failover b']);
    }
  });

  it('is done where another member took over meanwhile, unless that one was not asked for', async () => {
    const { clients, asked } = clientsOf({ leader: 'c' });
    expect(await failOver(clients, takeover, run)).toBe('c');
    await expect(failOver(clients, { ...takeover, insist: true }, run)).rejects.toThrow(/use a switchover to 'b'/);
    expect(asked).toEqual([]);
  });

  it('knows a primary that lives from one that does not', async () => {
    expect(await primaryLives(clientsOf({ leader: 'a' }).clients, 'a')).toBe(true);
    expect(await primaryLives(clientsOf({}).clients, 'a')).toBe(false);
    expect(await primaryLives(fake, 'a')).toBe(false);
  });

  it('waits until a silent primary has lost its lock', async () => {
    const node: Node = { leader: 'a' };
    const progress = (): void => void setImmediate(() => (node.leader = undefined)); // it has begun to wait
    await untilReleased(clientsOf(node).clients, { scope: 's', leader: 'a' }, { ...run, progress });
    expect(node.leader).toBeUndefined();
  });
});

it('an instance whose container does not run cannot be restarted', async () => {
  const restart = restartPostgres(fake, { instanceId: 'a', startedAt: 'then' }, run);
  await expect(restart).rejects.toMatchObject({ code: 'operation_refused' });
});
