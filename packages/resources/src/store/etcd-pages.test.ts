import type { Etcd3, Range } from 'etcd3';
import { readPages } from './etcd-pages.ts';

interface Asked {
  readonly from: string;
  readonly limit: number;
  readonly revision?: string;
}

const KEYS = Array.from({ length: 300 }, (_, i) => `k/${String(i).padStart(3, '0')}`);

/** An etcd that answers each request as told, from `KEYS`, at revision 7. */
function etcd(answer: (asked: Asked, count: number) => Error | undefined) {
  const asked: Asked[] = [];
  const getAll = () => {
    let [from, limit, revision] = ['', 0, undefined as string | undefined];
    const query = {
      inRange: (range: Range) => ((from = range.start.toString()), query),
      limit: (n: number) => ((limit = n), query),
      revision: (n: string) => ((revision = n), query),
      exec: () => {
        const one = { from, limit, ...(revision !== undefined && { revision }) };
        asked.push(one);
        const failure = answer(one, asked.length);
        if (failure) return Promise.reject(failure);
        const rest = KEYS.filter((key) => key >= from);
        const kvs = rest.slice(0, limit).map((key) => ({ key: Buffer.from(key), value: Buffer.from('1') }));
        return Promise.resolve({ kvs, more: rest.length > limit, header: { revision: '7' } });
      },
    };
    return query;
  };
  return { client: { getAll } as unknown as Etcd3, asked };
}
const all = { from: Buffer.from('k/'), to: Buffer.from('k0'), order: 'asc', limit: 0 } as const;
const tooLong = new Error('8 RESOURCE_EXHAUSTED: Received message larger than max (6274430 vs 4194304)');
const compacted = new Error('11 OUT_OF_RANGE: etcdserver: mvcc: required revision has been compacted');
const keysOf = (rows: Awaited<ReturnType<typeof readPages>>) => rows.map((row) => row.key.toString());

test('every page behind the first is read at its revision', async () => {
  const { client, asked } = etcd(() => undefined);
  expect(keysOf(await readPages(client, all))).toEqual(KEYS);
  expect(asked.map((one) => one.revision)).toEqual([undefined, '7']);
});

test('a page too long for gRPC is halved until it fits', async () => {
  const { client, asked } = etcd(({ limit, from }) => (from < 'k/100' && limit > 64 ? tooLong : undefined));
  expect(keysOf(await readPages(client, all))).toEqual(KEYS);
  expect(asked.slice(0, 3).map((one) => one.limit)).toEqual([256, 128, 64]);
});

test('one value too long for gRPC is refused for good', async () => {
  const { client } = etcd(() => tooLong);
  await expect(readPages(client, all)).rejects.toMatchObject({ code: 'too_large' });
});

test('a list whose revision is compacted away begins again', async () => {
  const { client, asked } = etcd((_one, count) => (count === 2 ? compacted : undefined));
  expect(keysOf(await readPages(client, all))).toEqual(KEYS);
  expect(asked.map((one) => one.revision)).toEqual([undefined, '7', undefined, '7']);
});

test('one that never ends in time is refused', async () => {
  const { client } = etcd(({ revision }) => (revision === undefined ? undefined : compacted));
  await expect(readPages(client, all)).rejects.toMatchObject({ code: 'store_refused' });
});
