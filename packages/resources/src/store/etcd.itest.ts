import { EventEmitter, once } from 'node:events';
import { collect, describeKv } from '../testing/describe-kv.ts';
import { openRealEtcd, type RealEtcd } from '../testing/real-etcd.ts';
import { openTcpProxy } from '../testing/tcp-proxy.ts';
import { connectEtcd, openEtcdKv } from './etcd.ts';
import type { Kv } from './kv.ts';

/** The deadline of a call and some time to notice. */
const ANSWER_WITHIN_MS = 3500;
/** From etcd's return to the first event. */
const RESUME_WITHIN_MS = 3000;

let etcd: RealEtcd;
let kv: Kv;
beforeAll(async () => {
  etcd = await openRealEtcd();
  kv = await openEtcdKv(etcd.connection);
});
afterAll(async () => {
  await kv.close();
  await etcd.close();
});

describeKv('keys and values in etcd', () => Promise.resolve(kv));

async function refusedWithin(call: Promise<unknown>): Promise<void> {
  const started = performance.now();
  await expect(call).rejects.toMatchObject({ code: 'store_unavailable' });
  expect(performance.now() - started).toBeLessThan(ANSWER_WITHIN_MS);
}

describe('when etcd fails', () => {
  it('killed and started again: says so, and then reads, writes and watches by itself', async () => {
    const seen = collect();
    const watch = await kv.watch('k/', seen.add, () => undefined);
    await kv.commit([], [{ put: 'k/1', value: 1 }]);
    await seen.first(1);
    await etcd.kill();
    await refusedWithin(kv.get('k/1'));
    await refusedWithin(kv.commit([], [{ put: 'k/2', value: 2 }]));
    await etcd.start();
    const started = performance.now();
    expect((await untilAnswered(() => kv.get('k/1')))?.value).toBe(1);
    await kv.commit([], [{ put: 'k/3', value: 3 }]);
    expect((await seen.first(2))[1]).toEqual({
      key: 'k/3',
      value: 3,
      deleted: false,
      revision: expect.any(Number) as number,
    });
    expect(performance.now() - started).toBeLessThan(RESUME_WITHIN_MS);
    await watch.close();
  });

  it('frozen: a call ends at its deadline', async () => {
    process.kill(etcd.pid(), 'SIGSTOP');
    try {
      await refusedWithin(kv.get('a'));
      await refusedWithin(kv.list('a'));
    } finally {
      process.kill(etcd.pid(), 'SIGCONT');
    }
    expect(await untilAnswered(() => kv.get('absent'))).toBeUndefined();
  });

  it('a watch that was broken can be closed while etcd is away', async () => {
    const own = await openEtcdKv(etcd.connection);
    const watch = await own.watch('c/', () => undefined, () => undefined); // prettier-ignore
    await etcd.kill();
    const started = performance.now();
    await watch.close();
    expect(performance.now() - started).toBeLessThan(1500);
    await own.close();
    await etcd.start();
  });

  it('away while its history was compacted: asks for a resync and goes on', async () => {
    const proxy = await openTcpProxy(etcd.port);
    const own = await openEtcdKv({ ...etcd.connection, endpoints: [`https://127.0.0.1:${String(proxy.port)}`] });
    const resyncs = new EventEmitter();
    const seen = collect();
    const watch = await own.watch('z/', seen.add, () => resyncs.emit('resync'));
    await own.commit([], [{ put: 'z/1', value: 1 }]);
    await seen.first(1);
    proxy.cut();
    await kv.commit([], [{ put: 'z/2', value: 2 }]);
    await compact(Number(await kv.commit([], [{ put: 'z/3', value: 3 }])));
    const resynced = once(resyncs, 'resync');
    proxy.mend();
    await resynced;
    expect((await own.list('z/')).map((row) => row.value)).toEqual([1, 2, 3]);
    const known = (await seen.first(1)).length;
    await untilSeen(own, seen, known);
    await watch.close();
    await own.close();
    await proxy.close();
  });
});

/** Writes until the watch, which may just be opening, delivers something. */
async function untilSeen(own: Kv, seen: ReturnType<typeof collect>, known: number): Promise<void> {
  const next = seen.first(known + 1);
  for (let value = 4; ; value += 1) {
    await own.commit([], [{ put: 'z/4', value }]);
    const tick = new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), 50));
    const changes = await Promise.race([next, tick]);
    if (changes) return void expect(changes.at(-1)).toMatchObject({ key: 'z/4' });
  }
}

async function untilAnswered<T>(call: () => Promise<T>): Promise<T> {
  const until = performance.now() + RESUME_WITHIN_MS;
  for (;;) {
    try {
      return await call();
    } catch (err) {
      if (performance.now() > until) throw err;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

async function compact(revision: number): Promise<void> {
  const client = connectEtcd(etcd.connection);
  await client.kv.compact({ revision: String(revision) });
  client.close();
}
