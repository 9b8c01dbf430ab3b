import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import { aBox, aCodec, testKeyRing } from '../../testing/index.ts';
import { createMemoryKv, dataKeyRecords, KeyRing, wrappedKeyRecords, type Kv } from '../../store/index.ts';
import { beginRotation, finishRotation } from '../../store/secrets/rotate.ts';
import { openPayloads } from './index.ts';

const MARK = 'canary-of-an-argument';
const toPayload = (value: unknown): Payload => defaultPayloadConverter.toPayload(value);
const textOf = (payload: Payload | undefined, name: string): string =>
  Buffer.from(payload?.metadata?.[name] ?? []).toString();
const toValues = (payloads: Payload[]): unknown[] => payloads.map((one) => defaultPayloadConverter.fromPayload(one));

/** Counts what is asked of the store. */
function counted(kv: Kv): Kv & { readonly asked: () => number } {
  let count = 0;
  const get: Kv['get'] = (key) => ((count += 1), kv.get(key));
  return { ...kv, get, asked: () => count };
}

test.each([[{ databaseId: MARK }], [MARK.repeat(10_000)], [undefined], [null], [Buffer.from(MARK)]])(
  'what is encrypted comes back as it was, and has nothing of it: %#',
  async (value) => {
    const codec = aCodec();
    const [kept] = await codec.encode([toPayload(value)]);
    expect(textOf(kept, 'encoding')).toBe('binary/encrypted');
    expect(Buffer.from(kept?.data ?? []).toString('latin1')).not.toContain(MARK);
    const [back] = toValues(await codec.decode([kept as Payload]));
    expect(back instanceof Uint8Array ? Buffer.from(back) : back).toEqual(value);
  },
);

test('the same twice is not the same to who looks on, and an order is kept', async () => {
  const codec = aCodec();
  const kept = await codec.encode(['a', 'b', 'a'].map(toPayload));
  expect(new Set(kept.map(({ data }) => Buffer.from(data ?? []).toString('hex'))).size).toBe(3);
  expect(toValues(await codec.decode(kept))).toEqual(['a', 'b', 'a']);
});

test('what an earlier release left in clear stays as it is, among what is encrypted', async () => {
  const codec = aCodec();
  const old = toPayload('old');
  const both = await codec.decode([old, ...(await codec.encode([toPayload('new')]))]);
  expect(both[0]).toBe(old);
  expect(toValues(both)).toEqual(['old', 'new']);
});

test('a process that is told to keep to plain text reads what others encrypt', async () => {
  const kv = createMemoryKv();
  const { codec, ready } = openPayloads(kv, aBox(kv), 'plain');
  const plain = toPayload('x');
  await ready();
  expect(await codec.encode([plain])).toEqual([plain]);
  expect(await dataKeyRecords.get(kv, 'temporal', 'payloads')).toBeUndefined();
  expect(toValues(await codec.decode(await aCodec(kv).encode([plain])))).toEqual(['x']);
});

test('a changed byte anywhere, a shortened text, another key and another key id are refused with words', async () => {
  const kv = createMemoryKv();
  const codec = aCodec(kv);
  const [kept] = await codec.encode([toPayload('x')]);
  const { metadata = {}, data } = kept as Payload;
  const bytes = Buffer.from(data ?? []);
  for (let at = 0; at < bytes.length; at += 1) {
    const changed = Buffer.from(bytes);
    changed[at] = (changed[at] ?? 0) ^ 1;
    await expect(codec.decode([{ metadata, data: changed }])).rejects.toThrow('cannot be decrypted with key');
  }
  await expect(codec.decode([{ metadata, data: bytes.subarray(0, 20) }])).rejects.toThrow('cannot be decrypted');
  await expect(aCodec().decode([kept as Payload])).rejects.toThrow(/sealed with key \w+, and temporal\/payloads has none now/); // prettier-ignore
  const other = createMemoryKv();
  await aCodec(other).encode([toPayload('x')]);
  await expect(aCodec(other).decode([kept as Payload])).rejects.toThrow(/sealed with key \w+, and that of temporal\/payloads is \w+ now/); // prettier-ignore
});

test('the key is asked for once, however many payloads and callers there are', async () => {
  const kv = counted(createMemoryKv());
  const { codec } = openPayloads(kv, aBox(kv), 'encrypted');
  const kept = (await Promise.all([1, 2, 3].map((n) => codec.encode([toPayload(n)])))).flat();
  expect(toValues(await codec.decode(kept))).toEqual([1, 2, 3]);
  const before = kv.asked();
  for (let n = 0; n < 100; n += 1) await codec.decode(await codec.encode([toPayload(n)]));
  expect(kv.asked()).toBe(before);
});

test('two processes that begin at once have one key', async () => {
  const kv = createMemoryKv();
  const [one, two] = [aCodec(kv), aCodec(kv)];
  const [[a], [b]] = await Promise.all([one.encode([toPayload('a')]), two.encode([toPayload('b')])]);
  expect(textOf(a, 'encryption-key-id')).toBe(textOf(b, 'encryption-key-id'));
  expect(toValues(await two.decode([a as Payload]))).toEqual(['a']);
});

test('a key that cannot be had now is asked for again', async () => {
  const kv = createMemoryKv();
  let down = true;
  const get: Kv['get'] = (key) => (down ? Promise.reject(new Error('etcd is away')) : kv.get(key));
  const { codec, ready } = openPayloads(kv, aBox({ ...kv, get }), 'encrypted');
  await expect(ready()).rejects.toThrow('etcd is away');
  await expect(codec.encode([toPayload('x')])).rejects.toThrow('etcd is away');
  down = false;
  expect(toValues(await codec.decode(await codec.encode([toPayload('x')])))).toEqual(['x']);
});

test('after the master key was rotated what was encrypted before is read, and new processes go on with the same key', async () => {
  const kv = createMemoryKv();
  const [kept] = await aCodec(kv).encode([toPayload('before')]);
  const [old] = testKeyRing().keys;
  const next = Buffer.alloc(32, 2);
  const both = KeyRing.of(old?.bytes ?? Buffer.alloc(0), next);
  const nextId = both.ids[1] ?? '';
  await beginRotation(kv, both, nextId, new Date());
  await finishRotation(kv, both);
  expect((await wrappedKeyRecords.get(kv, 'temporal', 'payloads'))?.value.by).toBe(nextId);
  const { codec } = openPayloads(kv, aBox(kv, KeyRing.of(next)), 'encrypted');
  expect(toValues(await codec.decode([kept as Payload, ...(await codec.encode([toPayload('after')]))]))).toEqual(['before', 'after']); // prettier-ignore
});
