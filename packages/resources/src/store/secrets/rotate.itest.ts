import { describeRotation } from '../../testing/describe-rotation.ts';
import { openRealEtcd, type RealEtcd } from '../../testing/real-etcd.ts';
import { openEtcdKv } from '../etcd.ts';
import type { Kv } from '../kv.ts';

let etcd: RealEtcd;
const opened: Kv[] = [];
beforeAll(async () => void (etcd = await openRealEtcd()));
afterAll(async () => {
  await Promise.all(opened.map((kv) => kv.close()));
  await etcd.close();
});

describeRotation('on etcd', async () => {
  const kv = await openEtcdKv({ ...etcd.connection, prefix: `/rotation-${String(opened.length)}/` });
  opened.push(kv);
  return kv;
});
