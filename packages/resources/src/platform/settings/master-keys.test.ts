import { appendFileSync, existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { masterKeySource, withoutKeysOf, wrongMasterKeys } from './master-keys.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'windlass-keys-'));
const KEY = 'ab'.repeat(32);

test('exactly one of the settings says where the keys are', () => {
  expect(wrongMasterKeys({})).toEqual(['  WINDLASS_MASTER_KEY_FILE: is required, or WINDLASS_MASTER_KEY, or WINDLASS_MASTER_KEY_COMMAND']); // prettier-ignore
  for (const name of ['WINDLASS_MASTER_KEY_FILE', 'WINDLASS_MASTER_KEY', 'WINDLASS_MASTER_KEY_COMMAND'])
    expect(wrongMasterKeys({ [name]: 'x' })).toEqual([]);
  expect(wrongMasterKeys({ WINDLASS_MASTER_KEY: KEY, WINDLASS_MASTER_KEY_FILE: 'f' })).toEqual(['  WINDLASS_MASTER_KEY_FILE, WINDLASS_MASTER_KEY: only one of them may be given']); // prettier-ignore
});

test('what is said of a process itself takes the place of the file that a join has left', () => {
  const joined = { WINDLASS_MASTER_KEY_FILE: 'left', WINDLASS_CA_CERT: 'ca.crt' };
  expect(withoutKeysOf(joined, {})).toEqual(joined);
  expect(withoutKeysOf(joined, { WINDLASS_MASTER_KEY_COMMAND: 'pass' })).toEqual({ WINDLASS_CA_CERT: 'ca.crt' });
});

test('a file is read each time, the environment holds the text itself', async () => {
  const file = path.join(folder, 'master.key');
  writeFileSync(file, KEY);
  const source = masterKeySource({ WINDLASS_MASTER_KEY_FILE: file });
  expect([source.setting, await source.read()]).toEqual(['WINDLASS_MASTER_KEY_FILE', KEY]);
  appendFileSync(file, `\n${KEY}`);
  expect(await source.read()).toBe(`${KEY}\n${KEY}`);
  expect(await masterKeySource({ WINDLASS_MASTER_KEY: KEY }).read()).toBe(KEY);
});

test('a command prints it, and is not run for every look', async () => {
  const runs = path.join(folder, 'runs');
  const source = masterKeySource({ WINDLASS_MASTER_KEY_COMMAND: `echo . >> ${runs}; echo ${KEY}` });
  expect([await source.read(), await source.read()]).toEqual([`${KEY}\n`, `${KEY}\n`]);
  expect(existsSync(runs)).toBe(true);
});

test.each([
  [{ WINDLASS_MASTER_KEY_FILE: '/none/master.key' }, 'WINDLASS_MASTER_KEY_FILE: cannot read "/none/master.key" (ENOENT)'], // prettier-ignore
  [{ WINDLASS_MASTER_KEY_COMMAND: `echo ${KEY}; echo ${KEY} >&2; exit 3` }, 'WINDLASS_MASTER_KEY_COMMAND: the command ended with 3'], // prettier-ignore
])('what cannot be read names its setting, and tells nothing of a key: %#', async (settings, message) => {
  const err = await masterKeySource(settings).read().catch((e: unknown) => e as Error); // prettier-ignore
  expect((err as Error).message).toBe(message);
  expect(JSON.stringify(err, Object.getOwnPropertyNames(err))).not.toContain(KEY);
});
