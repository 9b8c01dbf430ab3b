import { failOver, prepareFailover, primaryLives, untilReleased } from './index.ts';
import { clientsOf, fake, leader, member, MIB, run, type Node } from '../../testing/node-fixture.ts';

describe('a failover', () => {
  const wish = { scope: 's', instanceId: 'b', leader: 'a', skipValidation: false };
  const prepare = (node: Node, more: object = {}) =>
    prepareFailover(clientsOf(node).clients, { ...wish, ...more }, run);

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

  it('waits for somebody who was just started, as long as Patroni may take to say that he runs', async () => {
    let asked = 0;
    const patroni = {
      cluster: () => Promise.resolve([leader, member('b', (asked += 1) > 2 ? {} : { state: 'starting' })]),
    };
    const { clients } = clientsOf({ members: [] });
    const ask = (more: object) => prepareFailover({ ...clients, patroni: { ...clients.patroni, ...patroni } }, { ...wish, ...more }, run); // prettier-ignore
    expect(await ask({})).toMatchObject({ candidate: 'b' });
    expect(asked).toBe(3);
    await expect(ask({ candidate: 'c' })).rejects.toThrow("'c' is no replica that runs");
    const starts = [leader, member('b', { state: 'starting' })];
    await expect(prepare({ members: starts }, { withinMs: 0 })).rejects.toThrow("no replica of 's' runs");
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
