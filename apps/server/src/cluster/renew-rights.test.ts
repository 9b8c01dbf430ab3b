import { createCa, hostRights } from '@windlass/resources/platform/trust';
import { openFixture } from '../testing/fixture.ts';
import { renewRights } from './renew-rights.ts';
import { memberRecords, type MemberRecord } from '@windlass/resources/platform/records';

test('hosts that joined an earlier release get what hosts may do now, once; those that joined this one have it', async () => {
  const f = await openFixture((await createCa('test')).certPem);
  const old = { role: 'host' as const, addresses: [], joinedAt: '2026-01-01T00:00:00Z' };
  await f.kv.commit(
    [],
    [
      { put: memberRecords.key('host', 'a'), value: { ...old, id: 'a', account: 'host-a-1' } },
      { put: memberRecords.key('control', 'b'), value: { ...old, role: 'control', id: 'b', account: 'control-b-1' } },
    ],
  );
  const { token } = (await f.call('GET', '/v1/cluster/join-token')).body;
  const request = { token, host_id: 'c', addresses: ['192.0.2.3'], embedded_etcd_enabled: false };
  expect((await f.call('POST', '/v1/internal/cluster/join-options', request)).status).toBe(200);
  f.membership.rights.clear();
  await renewRights(f.deps);
  expect([...f.membership.rights]).toEqual([['host-a-1', hostRights('a')]]);
  f.membership.rights.clear();
  await renewRights(f.deps);
  expect(f.membership.rights.size).toBe(0);
  expect((await f.kv.get(memberRecords.key('host', 'a')))?.value as MemberRecord).toMatchObject({
    account: 'host-a-1',
  });
  await f.app.close();
});
