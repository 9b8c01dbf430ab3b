import { randomBytes } from 'node:crypto';
import { aBox } from '../../testing/a-box.ts';
import { keys } from '../keys.ts';
import type { Kv } from '../kv.ts';
import { createMemoryKv } from '../memory.ts';
import { dataKeyRecords, forgetDataKey, wrappedKeyRecords } from './key-records.ts';
import { KeyRing } from './key-ring.ts';
import { createSecrets } from './secrets.ts';

const open = (kv: Kv = createMemoryKv()) => {
  const box = aBox(kv);
  return { kv, box, secrets: createSecrets(kv, box) };
};
const NAME = 'database/a/user/x';
/** Sealed and stored, with its key. */
async function sealed(text = 'text', name = NAME) {
  const opened = open();
  await opened.secrets.put(name, text);
  const value = (await opened.kv.get(keys.secret(name)))?.value as {
    readonly v: 2;
    readonly key: string;
    text: string;
  };
  return { ...opened, value };
}

describe('sealing', () => {
  it.each(['', 'a', 'ü \u{1F600}\n', 'x'.repeat(100_000)])('opens what it sealed (%#)', async (text) => {
    const { box, value } = await sealed(text);
    expect(await box.open(NAME, value)).toBe(text);
  });

  it('never seals alike twice, and the text is not in it', async () => {
    const { box } = await sealed();
    const { values } = await box.seal([[NAME, 'correct horse'], [NAME, 'correct horse']]); // prettier-ignore
    expect(values[0]?.text).not.toBe(values[1]?.text);
    expect(Buffer.from(values[0]?.text ?? '', 'base64').includes('correct horse')).toBe(false);
  });

  it('notices a change of any byte, and a shortened tag', async () => {
    const { box, value } = await sealed();
    const bytes = Buffer.from(value.text, 'base64');
    for (let i = 0; i < bytes.length; i += 1) {
      const changed = Buffer.from(bytes);
      changed.writeUInt8(changed.readUInt8(i) ^ 1, i);
      await expect(box.open(NAME, { ...value, text: changed.toString('base64') })).rejects.toThrow('cannot be opened');
    }
    for (const length of [0, 11, 16, 24, 27])
      await expect(box.open(NAME, { ...value, text: bytes.subarray(0, length).toString('base64') })).rejects.toThrow();
  });

  it('what is no sealed value is an error that names the secret', async () => {
    const { box } = open();
    for (const found of [null, 'text', {}, { key: 1 }, [], { v: 3 }])
      await expect(box.open('n', found)).rejects.toThrow("the secret 'n' cannot be opened: it is no sealed value");
  });
});

describe('one data key for each entity', () => {
  const owners = async (kv: Kv) => (await dataKeyRecords.list(kv, [])).map(({ id }) => id.join('/'));

  it('everything of an entity has it, whatever else is sealed in the same transaction', async () => {
    const { kv, box } = open();
    const names = ['database/a/user/x', 'database/a/user/y', 'backups/a/one', 'swarm/join', 'idempotency/a/b'];
    const { values, claim } = await box.seal(names.map((name) => [name, name]));
    expect(await kv.commit(claim.expect, claim.writes)).not.toBe(false);
    expect(await owners(kv)).toEqual(['backups/a', 'cluster/cluster', 'database/a']);
    expect(new Set(values.map(({ key }) => key)).size).toBe(3);
    expect(await Promise.all(names.map((name, at) => box.open(name, values[at])))).toEqual(names);
    expect(JSON.stringify(await kv.list(''))).not.toContain(Buffer.alloc(32, 1).toString('base64'));
  });

  it('is not made twice: of two that seal at once one is told that it comes too late', async () => {
    const { kv, box } = open();
    const [first, second] = await Promise.all([box.seal([[NAME, '1']]), box.seal([[NAME, '2']])]);
    expect(await kv.commit(first.claim.expect, first.claim.writes)).not.toBe(false);
    expect(await kv.commit(second.claim.expect, second.claim.writes)).toBe(false);
  });

  it('who sealed before the entity was forgotten stores nothing any more', async () => {
    const { kv, box } = await sealed();
    const { claim } = await box.seal([[NAME, 'late']]);
    await kv.commit([], forgetDataKey({ kind: 'database', id: 'a' }));
    expect(await kv.commit(claim.expect, [])).toBe(false);
  });
});

describe('what is at another place, or of another time, fails in words', () => {
  it('moved to another name of the entity', async () => {
    const { box, value } = await sealed();
    await expect(box.open('database/a/user/y', value)).rejects.toThrow(
      "the secret 'database/a/user/y' cannot be opened: it was changed, or sealed for another place",
    );
  });

  it('moved to another entity, with and without its key', async () => {
    const { kv, box, value, secrets } = await sealed();
    await expect(box.open('database/b/user/x', value)).rejects.toThrow(`sealed with key ${value.key}, and database/b has none now`); // prettier-ignore
    await secrets.put('database/b/user/x', 'text');
    await expect(box.open('database/b/user/x', value)).rejects.toThrow(/sealed with key \w+, and that of database\/b is \w+ now/); // prettier-ignore
    const stolen = (await wrappedKeyRecords.get(kv, 'database', 'a'))?.value;
    if (!stolen) throw new Error('it is there');
    await kv.commit([], [wrappedKeyRecords.put(stolen, 'database', 'b')]);
    await expect(aBox(kv).open('database/b/user/x', value)).rejects.toThrow(
      'the data key of database/b cannot be unwrapped: it was changed, or is the key of something else',
    );
  });

  it('of an entity that was deleted and made anew under the same id', async () => {
    const { kv, value, secrets } = await sealed();
    await kv.commit([], [...forgetDataKey({ kind: 'database', id: 'a' }), { remove: keys.secret(NAME) }]);
    await secrets.put(NAME, 'new');
    await kv.commit([], [{ put: keys.secret(NAME), value }]); // as an older copy of etcd has it
    await expect(createSecrets(kv, aBox(kv)).get(NAME)).rejects.toThrow(/sealed with key \w+, and that of database\/a is/); // prettier-ignore
  });

  it('under another master key: both are named by their ids', async () => {
    const { kv, value } = await sealed();
    const other = KeyRing.of(randomBytes(32));
    await expect(aBox(kv, other).open(NAME, value)).rejects.toThrow(
      `the data key of database/a is wrapped by master key ${KeyRing.of(Buffer.alloc(32, 1)).ids.join()}, which WINDLASS_MASTER_KEY does not hold (it holds ${other.ids.join()})`,
    );
  });
});

describe('secrets in a store', () => {
  it('two callers get the same one, also when they are the first of an entity', async () => {
    const { secrets } = open();
    const made = ['one', 'two', 'three'].map((text) => secrets.getOrCreate(NAME, () => text));
    const others = ['user/y', 'user/z'].map((name) => secrets.getOrCreate(`database/a/${name}`, () => name));
    expect(new Set(await Promise.all(made)).size).toBe(1);
    expect(await Promise.all(others)).toEqual(['user/y', 'user/z']);
    expect(await secrets.getOrCreate(NAME, () => 'four')).toBe(await secrets.get(NAME));
  });
  it('is put, replaced and removed; absence is no error', async () => {
    const { kv, secrets } = open();
    expect(await secrets.get('n')).toBeUndefined();
    await secrets.put('n', 'first');
    await secrets.put('n', 'second');
    expect(await secrets.get('n')).toBe('second');
    await secrets.remove('n');
    await secrets.remove('n');
    expect(await kv.list('secrets/')).toEqual([]);
  });
  it('a prefix goes with all that is under it and nothing else', async () => {
    const { kv, secrets } = open();
    for (const name of ['database/a/x', 'database/a/y', 'database/ab/x']) await secrets.put(name, 'text');
    await secrets.removePrefix('database/a/');
    expect((await kv.list('secrets/')).map((row) => row.key)).toEqual(['secrets/database/ab/x']);
  });
  it('one that is kept elsewhere makes the key it needs', async () => {
    const { secrets, box } = open();
    expect(await box.open('database/a/conflicts', await secrets.seal('database/a/conflicts', 'rows'))).toBe('rows');
  });
});
