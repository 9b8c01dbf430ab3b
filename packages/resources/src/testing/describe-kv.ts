import { once, EventEmitter } from 'node:events';
import type { Kv, KvChange } from '../store/kv.ts';

/** What every key-value store must do. `open` gives an empty one. */
export function describeKv(name: string, open: () => Promise<Kv>): void {
  describe(name, () => {
    let kv: Kv;
    beforeEach(async () => {
      kv = await open();
      await kv.commit([], [{ removePrefix: '' }]);
    });
    describeCommit(() => kv);
    describeList(() => kv);
    describeLimits(() => kv);
    describeWatch(() => kv);
  });
}

function describeCommit(kv: () => Kv): void {
  const values = [{ a: { b: [1, 'ü', null] } }, [], 0, '', false, null, 'a "quoted" \n text', '\u{1F600}'];

  it('what is absent is undefined', async () => {
    expect(await kv().get('a')).toBeUndefined();
    expect(await kv().list('')).toEqual([]);
  });
  it.each(values.map((value) => [JSON.stringify(value), value]))('keeps %s', async (_text, value) => {
    const revision = await kv().commit([], [{ put: 'a', value }]);
    expect(await kv().get('a')).toEqual({ value, revision });
  });
  it('a value read is nobody else’s', async () => {
    await kv().commit([], [{ put: 'a', value: { x: 1 } }]);
    ((await kv().get('a'))?.value as { x: number }).x = 2;
    expect((await kv().get('a'))?.value).toEqual({ x: 1 });
  });
  it('writes all or nothing, by revision', async () => {
    const first = Number(await kv().commit([{ key: 'a', revision: 0 }], [{ put: 'a', value: 1 }]));
    expect(await kv().commit([{ key: 'a', revision: 0 }], [{ put: 'a', value: 2 }])).toBe(false);
    const half = [{ key: 'a', revision: first }, { key: 'b', revision: first }]; // prettier-ignore
    expect(await kv().commit(half, [{ put: 'c', value: 3 }])).toBe(false);
    expect((await kv().list('')).map((row) => row.key)).toEqual(['a']);
    expect(await kv().commit([{ key: 'a', revision: first }], [{ put: 'a', value: 4 }])).toBeGreaterThan(first);
  });
  it('one transaction has one revision', async () => {
    const revision = await kv().commit([], [{ put: 'a', value: 1 }, { put: 'b', value: 2 }]); // prettier-ignore
    expect((await kv().list('')).map((row) => row.revision)).toEqual([revision, revision]);
  });
  it('an expectation without writes is a question', async () => {
    const revision = Number(await kv().commit([], [{ put: 'a', value: 1 }]));
    expect(await kv().commit([{ key: 'a', revision }], [])).toBe(revision);
    expect(await kv().commit([{ key: 'a', revision: 0 }], [])).toBe(false);
  });
  it('of many at once one wins', async () => {
    const tries = Array.from({ length: 20 }, (_, value) =>
      kv().commit([{ key: 'a', revision: 0 }], [{ put: 'a', value }]),
    );
    expect((await Promise.all(tries)).filter((won) => won !== false)).toHaveLength(1);
  });
  it('removes keys and prefixes, also absent ones', async () => {
    await kv().commit(
      [],
      ['a', 'b/1', 'b/2', 'bc'].map((put) => ({ put, value: put })),
    );
    await kv().commit([], [{ remove: 'a' }, { remove: 'zz' }, { removePrefix: 'b/' }, { removePrefix: 'y/' }]);
    expect((await kv().list('')).map((row) => row.key)).toEqual(['bc']);
  });
  it('refuses to write a key twice in one transaction', async () => {
    for (const other of [{ put: 'a/1', value: 2 }, { remove: 'a/1' }, { removePrefix: 'a/' }])
      await expect(kv().commit([], [{ put: 'a/1', value: 1 }, other])).rejects.toMatchObject({ code: 'server_error' });
    expect(await kv().get('a/1')).toBeUndefined();
  });
}

function describeList(kv: () => Kv): void {
  const list = async (...args: Parameters<Kv['list']>) => (await kv().list(...args)).map((row) => row.key);

  it('lists by prefix, order, limit and position', async () => {
    const puts = ['p/1', 'p/2', 'p/3', 'p/4', 'q/1', 'p'].map((put) => ({ put, value: put }));
    await kv().commit([], puts);
    expect(await list('p/')).toEqual(['p/1', 'p/2', 'p/3', 'p/4']);
    expect(await list('p/', { order: 'desc' })).toEqual(['p/4', 'p/3', 'p/2', 'p/1']);
    expect(await list('p/', { limit: 2 })).toEqual(['p/1', 'p/2']);
    expect(await list('p/', { limit: 2, order: 'desc' })).toEqual(['p/4', 'p/3']);
    expect(await list('p/', { after: 'p/2' })).toEqual(['p/3', 'p/4']);
    expect(await list('p/', { after: 'p/3', order: 'desc', limit: 1 })).toEqual(['p/2']);
    expect(await list('p/', { after: 'p/25', limit: 1 })).toEqual(['p/3']);
    expect(await list('p/', { after: 'p/4' })).toEqual([]);
    expect(await list('p/', { after: 'o' })).toEqual(['p/1', 'p/2', 'p/3', 'p/4']);
    expect(await list('p/', { after: 'z', order: 'desc', limit: 1 })).toEqual(['p/4']);
    expect(await list('p/', { after: 'z' })).toEqual([]);
    expect(await list('', { limit: 0 })).toHaveLength(6);
  });
}

/** More than one answer of etcd's can hold, and more than one request may ask for. */
function describeLimits(kv: () => Kv): void {
  const MIB = 1024 * 1024;
  const large = (n: number): string => String(n).padEnd(1.4 * MIB, 'x');
  const fill = async (values: readonly (readonly [key: string, value: unknown])[]): Promise<void> => {
    for (const [put, value] of values) await kv().commit([], [{ put, value }]);
  };

  it('lists a prefix of any size, whatever the sizes of its values', async () => {
    const small = Array.from({ length: 600 }, (_, i) => [`p/b/${String(i).padStart(4, '0')}`, { i }] as const);
    const all = [
      ...[0, 1, 2].map((i) => [`p/a/${String(i)}`, large(i)] as const),
      ...small,
      ...[3, 4, 5, 6].map((i) => [`p/c/${String(i)}`, large(i)] as const),
    ];
    for (let at = 0; at < small.length; at += 100)
      await kv().commit([], small.slice(at, at + 100).map(([put, value]) => ({ put, value }))); // prettier-ignore
    await fill(all.filter(([key]) => !key.startsWith('p/b')));
    const names = all.map(([key]) => key);
    const list = async (options?: Parameters<Kv['list']>[1]) => (await kv().list('p/', options)).map((row) => row.key);
    expect((await kv().list('p/')).map(({ key, value }) => [key, value])).toEqual(all);
    expect(await list({ order: 'desc' })).toEqual([...names].reverse());
    expect(await list({ limit: 605 })).toEqual(names.slice(0, 605));
    expect(await list({ limit: 5, order: 'desc' })).toEqual([...names].reverse().slice(0, 5));
    expect(await list({ after: 'p/a/1' })).toEqual(names.slice(2));
  });
  it('what it lists was there at one moment', async () => {
    await fill([1, 2, 3, 4].map((i) => [`p/${String(i)}`, large(i)]));
    const both = (value: number) => kv().commit([], ['p/0', 'p/9'].map((put) => ({ put, value }))); // prettier-ignore
    await both(0);
    let writing = true;
    const writer = (async () => {
      for (let value = 1; writing; value += 1) await both(value);
    })();
    try {
      for (let i = 0; i < 5; i += 1) {
        const rows = await kv().list('p/');
        expect(rows.at(-1)?.value).toBe(rows[0]?.value);
      }
    } finally {
      writing = false;
      await writer;
    }
  });
  it('refuses for good, and says why, what is larger than a request may be', async () => {
    const refused = { code: 'too_large', message: expect.stringContaining('1572864') as string };
    await expect(kv().commit([], [{ put: 'a', value: 'x'.repeat(1.5 * MIB) }])).rejects.toMatchObject(refused);
    const three = ['a', 'b', 'c'].map((put) => ({ put, value: 'x'.repeat(0.6 * MIB) }));
    await expect(kv().commit([], three)).rejects.toMatchObject(refused);
    expect(await kv().list('')).toEqual([]);
    await fill([['a', large(1)]]);
    expect(await kv().get('a')).toBeDefined();
  });
  it('takes 128 writes at once, and refuses more for good', async () => {
    const writes = (count: number) => Array.from({ length: count }, (_, i) => ({ put: `m/${String(i)}`, value: i }));
    expect(await kv().commit([], writes(128))).toBeGreaterThan(0);
    await expect(kv().commit([], writes(129))).rejects.toMatchObject({ code: 'store_refused' });
  });
}

function describeWatch(kv: () => Kv): void {
  it('sees every change of its prefix, in order, until it is closed', async () => {
    const seen = collect();
    const watch = await kv().watch('w/', seen.add, () => undefined);
    await kv().commit([], [{ put: 'w/1', value: { n: 1 } }, { put: 'x/1', value: 0 }]); // prettier-ignore
    await kv().commit([], [{ remove: 'w/1' }, { remove: 'w/9' }]);
    await kv().commit([], [{ put: 'w/2', value: 2 }]);
    const { revision } = (await kv().get('w/2')) ?? {};
    expect(await seen.first(3)).toEqual([
      { key: 'w/1', value: { n: 1 }, deleted: false, revision: expect.any(Number) as number },
      { key: 'w/1', value: undefined, deleted: true, revision: 0 },
      { key: 'w/2', value: 2, deleted: false, revision },
    ]);
    await watch.close();
    await kv().commit([], [{ put: 'w/3', value: 3 }]);
    expect(await kv().get('w/3')).toBeDefined();
    expect(await seen.first(3)).toHaveLength(3);
  });
  it('a value with a time to live goes by itself, unless it was written again', async () => {
    const seen = collect();
    const watch = await kv().watch('t/', (change) => (change.deleted ? seen.add(change) : undefined), () => undefined); // prettier-ignore
    await kv().commit([], [{ put: 't/kept', value: 1, ttlSeconds: 1 }]);
    await kv().commit([], [{ put: 't/gone', value: 1, ttlSeconds: 1 }]);
    await kv().commit([], [{ put: 't/kept', value: 2 }]);
    expect(await seen.first(1)).toMatchObject([{ key: 't/gone' }]);
    expect((await kv().list('t/')).map((row) => row.key)).toEqual(['t/kept']);
    await watch.close();
  });
}

/** Changes as they arrive, and a wait for so many of them. */
export function collect(): { add(change: KvChange): void; first(count: number): Promise<readonly KvChange[]> } {
  const changes: KvChange[] = [];
  const events = new EventEmitter();
  return {
    add: (change) => {
      changes.push(change);
      events.emit('change');
    },
    first: async (count) => {
      while (changes.length < count) await once(events, 'change');
      return changes;
    },
  };
}
