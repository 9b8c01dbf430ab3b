import { randomBytes } from 'node:crypto';
import { createMemoryKv } from './memory.ts';
import { createSecretBox, createSecrets } from './secrets.ts';

const box = createSecretBox(randomBytes(32));

describe('sealing', () => {
  it.each(['', 'a', 'ü \u{1F600}\n', 'x'.repeat(100_000)])('opens what it sealed (%#)', (text) => {
    expect(box.open('n', box.seal('n', text))).toBe(text);
  });
  it('never seals alike twice, and the text is not in it', () => {
    const [a, b] = [box.seal('n', 'correct horse'), box.seal('n', 'correct horse')];
    expect(a.text).not.toBe(b.text);
    expect(a.key).not.toBe(b.key);
    expect(Buffer.from(a.text, 'base64').includes('correct horse')).toBe(false);
  });
  it('opens under its own name and master key only', () => {
    const sealed = box.seal('database/a/user/x', 'text');
    expect(() => box.open('database/b/user/x', sealed)).toThrow("the secret 'database/b/user/x' cannot be opened");
    expect(() => createSecretBox(randomBytes(32)).open('database/a/user/x', sealed)).toThrow('cannot be opened');
  });
  it('notices a change of any byte, and a shortened tag', () => {
    const sealed = box.seal('n', 'text');
    for (const part of ['key', 'text'] as const) {
      const bytes = Buffer.from(sealed[part], 'base64');
      for (let i = 0; i < bytes.length; i += 1) {
        const changed = Buffer.from(bytes);
        changed.writeUInt8(changed.readUInt8(i) ^ 1, i);
        expect(() => box.open('n', { ...sealed, [part]: changed.toString('base64') })).toThrow('cannot be opened');
      }
      for (const length of [0, 11, 16, 24, 27])
        expect(() => box.open('n', { ...sealed, [part]: bytes.subarray(0, length).toString('base64') })).toThrow();
    }
  });
  it('what is no sealed value is an error that names the secret', () => {
    for (const found of [null, 'text', {}, { key: 1 }, []])
      expect(() => box.open('n', found)).toThrow("the secret 'n' cannot be opened");
  });
  it('wants 32 bytes', () => expect(() => createSecretBox(Buffer.alloc(31))).toThrow('32 bytes'));
});

describe('secrets in a store', () => {
  const open = () => {
    const kv = createMemoryKv();
    return { kv, secrets: createSecrets(kv, box) };
  };
  it('two callers get the same one', async () => {
    const { secrets } = open();
    const made = ['one', 'two', 'three'].map((text) => secrets.getOrCreate('n', () => text));
    expect(new Set(await Promise.all(made)).size).toBe(1);
    expect(await secrets.getOrCreate('n', () => 'four')).toBe(await secrets.get('n'));
  });
  it('is put, replaced and removed; absence is no error', async () => {
    const { kv, secrets } = open();
    expect(await secrets.get('n')).toBeUndefined();
    await secrets.put('n', 'first');
    await secrets.put('n', 'second');
    expect(await secrets.get('n')).toBe('second');
    await secrets.remove('n');
    await secrets.remove('n');
    expect(await kv.list('')).toEqual([]);
  });
  it('a prefix goes with all that is under it and nothing else', async () => {
    const { kv, secrets } = open();
    for (const name of ['database/a/x', 'database/a/y', 'database/ab/x']) await secrets.put(name, 'text');
    await secrets.removePrefix('database/a/');
    expect((await kv.list('')).map((row) => row.key)).toEqual(['secrets/database/ab/x']);
  });
});
