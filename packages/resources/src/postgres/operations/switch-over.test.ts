import { DomainError } from '../../errors/index.ts';
import { successors } from '../inside/hand-over.ts';
import { chooseSuccessor } from './choose-successor.ts';
import { switchOver } from './index.ts';
import { clientsOf, leader, member, MIB, run, type Node } from '../../testing/node-fixture.ts';

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

  it.each(['starting', 'in archive recovery'])('is a replica that is %s, once it streams', async (state) => {
    let looks = 0;
    const node: Node = { members: [] };
    Object.defineProperty(node, 'members', { get: () => [leader, member('b', (looks += 1) > 1 ? {} : { state })] });
    expect(await able(node)).toMatchObject([{ name: 'b' }]);
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
