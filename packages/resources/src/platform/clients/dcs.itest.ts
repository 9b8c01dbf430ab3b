import type { Etcd3 } from 'etcd3';
import { connectEtcd } from '../../store/etcd.ts';
import { openRealEtcd, type RealEtcd } from '../../testing/real-etcd.ts';
import { createDcs } from '../../postgres/clients/dcs.ts';

let etcd: RealEtcd;
let client: Etcd3;
beforeAll(async () => {
  etcd = await openRealEtcd();
  client = connectEtcd(etcd.connection);
});
afterAll(async () => {
  client.close();
  await etcd.close();
});

/** What Patroni keeps of a node whose leader `a` has not noticed yet that `c` has come. */
async function nodeOf(scope: string): Promise<void> {
  const put = (key: string, value: string) => client.put(`/patroni/${scope}/${key}`).value(value).exec();
  for (const name of ['a', 'b', 'c']) await put(`members/${name}`, '{}');
  await put('failsafe', '{"a":"https://a:8008/patroni","b":"https://b:8008/patroni"}');
  await client.lease(30).put(`/patroni/${scope}/leader`).value('a').exec();
}

test("a dead leader's lock goes with what only its consent bound: who came last may take over, too", async () => {
  const dcs = createDcs(client);
  await nodeOf('shop:n1');
  expect(await dcs.failsafeMembers('shop:n1')).toEqual(['a', 'b']);
  const lock = await dcs.leaderLock('shop:n1');
  if (!lock) throw new Error('nobody leads');
  expect(await dcs.releaseLeaderLock('shop:n1', { ...lock, lease: '1' })).toBe(false);
  expect([await dcs.leader('shop:n1'), await dcs.failsafeMembers('shop:n1')]).toEqual(['a', ['a', 'b']]);
  expect(await dcs.releaseLeaderLock('shop:n1', lock)).toBe(true);
  expect(await dcs.leader('shop:n1')).toBeUndefined();
  expect(await dcs.members('shop:n1')).toEqual(['b', 'c']);
  expect(await dcs.failsafeMembers('shop:n1')).toEqual([]);
});
