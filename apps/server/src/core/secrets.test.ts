import { createMemoryKv, keys } from '@windlass/resources/store';
import { aBox } from '@windlass/resources/testing';
import { z } from 'zod';
import { openJson, readSecret, readSecrets, sealedSecrets } from './secrets.ts';

const kv = createMemoryKv();
const deps = { kv, box: aBox(kv) };
const shape = z.looseObject({ version: z.string() });
const put = async (name: string, text: string) => {
  const { expect: expected, writes } = await sealedSecrets(deps, [[name, text]]);
  expect(await kv.commit(expected, writes)).not.toBe(false);
};

test('secrets are read by name, and by what their names begin with', async () => {
  await put('database/a/repositories/one', '{"version":"1"}');
  await put('database/a/repositories/two', '{"version":"2"}');
  await put('database/ab/repositories/three', '{"version":"3"}');
  expect(await readSecret(deps, 'database/a/repositories/one')).toBe('{"version":"1"}');
  expect(await readSecret(deps, 'database/a/none')).toBeUndefined();
  expect([...(await readSecrets(deps, 'database/a/repositories/', shape))]).toEqual([['one', { version: '1' }], ['two', { version: '2' }]]); // prettier-ignore
});

test.each(['{"version":"hush"', '{"version":{"hush":1}}', '"hush"', 'null'])(
  'what does not look as it should is refused by name, and nothing of it is told: %s',
  async (text) => {
    await put('database/b/repositories/one', text);
    const err: unknown = await readSecrets(deps, 'database/b/', shape).catch((e: unknown) => e);
    expect(err).toMatchObject({ code: 'record_unreadable', message: expect.stringContaining("'database/b/repositories/one'") as string }); // prettier-ignore
    expect(String(err)).not.toContain('hush');
    expect(() => openJson('x', text, shape)).toThrow("the secret 'x' does not look as it should");
  },
);

test('one sealed under another name is refused', async () => {
  const { values } = await deps.box.seal([['a', 'text']]);
  await kv.commit([], [{ put: keys.secret('b'), value: values[0] }]);
  await expect(readSecret(deps, 'b')).rejects.toMatchObject({ code: 'server_error' });
});
