import { randomBytes } from 'node:crypto';
import { aBox } from '../../testing/a-box.ts';
import { describeRotation } from '../../testing/describe-rotation.ts';
import { keys } from '../keys.ts';
import type { Kv } from '../kv.ts';
import { createMemoryKv } from '../memory.ts';
import { encrypt } from './cipher.ts';
import { keyHolders, masterKeyRecords, wrappedKeyRecords } from './key-records.ts';
import { KeyRing, parseMasterKeys } from './key-ring.ts';
import { beginRotation, checkMasterKeys, finishRotation, forgetMasterKey, wrappedBy } from './rotate.ts';
import { createSecrets } from './secrets.ts';

const [OLD, NEW, THIRD] = [randomBytes(32), randomBytes(32), randomBytes(32)];
const idOf = (...bytes: Buffer[]): string => KeyRing.of(...bytes).ids.join();
const NOW = new Date('2026-01-01T00:00:00Z');
const refused = (message: string | RegExp) =>
  expect.objectContaining({ code: 'operation_refused', message: expect.stringMatching(message) as string }) as unknown;

let kv: Kv;
beforeEach(async () => {
  kv = createMemoryKv();
  await createSecrets(kv, aBox(kv, KeyRing.of(OLD))).put('database/a/x', 'text');
});

describeRotation('in memory', () => Promise.resolve(createMemoryKv()));

test('a key that is made while a rotation runs is wrapped by the new one, or not at all', async () => {
  const ring = KeyRing.of(OLD, NEW);
  const late = await aBox(kv, ring).seal([['database/b/x', 'b']]);
  await beginRotation(kv, ring, undefined, NOW);
  expect(await kv.commit(late.claim.expect, late.claim.writes)).toBe(false);
  await createSecrets(kv, aBox(kv, ring)).put('database/b/x', 'b');
  expect(await finishRotation(kv, ring)).toBe(true);
  expect([...(await wrappedBy(kv))]).toEqual([[idOf(NEW), 2]]);
});

describe('a rotation is refused, and nothing written,', () => {
  const begin = (ring: KeyRing, to?: string) => beginRotation(kv, ring, to, NOW);
  test.each<[string, () => Promise<void>, RegExp]>([
    ['without another key', () => begin(KeyRing.of(OLD)), /WINDLASS_MASTER_KEY holds no key but \w+, which is in use/],
    [
      'to one of several',
      () => begin(KeyRing.of(OLD, NEW, THIRD)),
      /^to: WINDLASS_MASTER_KEY holds several other keys/,
    ],
    ['to one that is not held', () => begin(KeyRing.of(OLD, NEW), idOf(THIRD)), /does not hold master key/],
    ['to the one in use', () => begin(KeyRing.of(OLD, NEW), idOf(OLD)), /is in use already/],
  ])('%s', async (_what, work, message) => {
    await expect(work()).rejects.toEqual(refused(message));
    expect((await masterKeyRecords.get(kv))?.value).toMatchObject({ active: idOf(OLD) });
  });

  test('while a process has not got the key, which is named', async () => {
    await kv.commit([], [keyHolders.put({ role: 'server', id: 's2', keys: [idOf(OLD)] }, 'server.s2.1')]);
    await expect(begin(KeyRing.of(OLD, NEW))).rejects.toEqual(refused(`is not held by server s2: add it there`));
    await kv.commit([], [keyHolders.put({ role: 'server', id: 's2', keys: [idOf(OLD), idOf(NEW)] }, 'server.s2.1')]);
    await begin(KeyRing.of(OLD, NEW));
    await begin(KeyRing.of(OLD, NEW), idOf(NEW));
    await expect(begin(KeyRing.of(OLD, NEW, THIRD), idOf(THIRD))).rejects.toEqual(refused('is under way'));
  });
});

test('a key is forgotten when nothing needs it, and never used again', async () => {
  const ring = KeyRing.of(OLD, NEW);
  const forget = () => forgetMasterKey(kv, ring, idOf(OLD), NOW);
  await expect(forget()).rejects.toEqual(refused('is in use: rotate to another one first'));
  await beginRotation(kv, ring, undefined, NOW);
  await expect(forget()).rejects.toEqual(refused('is under way'));
  const before = (await wrappedKeyRecords.get(kv, 'database', 'a'))?.value;
  await finishRotation(kv, ring);
  await kv.commit([], before ? [wrappedKeyRecords.put(before, 'database', 'z')] : []);
  await expect(forget()).rejects.toEqual(refused('still wraps the data keys of database/z'));
  const dataKey = randomBytes(32);
  const value = { v: 1, key: encrypt(OLD, 'n/a/x', dataKey), text: encrypt(dataKey, 'n/a/x', Buffer.from('x')) };
  await kv.commit([], [wrappedKeyRecords.remove('database', 'z'), { put: keys.secret('n/a/x'), value }]);
  await expect(forget()).rejects.toEqual(refused('an earlier release sealed secrets/n/a/x'));
  await kv.commit([], [{ remove: keys.secret('n/a/x') }]);
  await forget();
  await forget();
  await expect(beginRotation(kv, ring, idOf(OLD), NOW)).rejects.toEqual(refused('was forgotten: make a new one'));
  const told: string[] = [];
  await checkMasterKeys(kv, ring, (said) => void told.push(said));
  expect(told).toEqual([`master key ${idOf(OLD)} was forgotten: remove its line from WINDLASS_MASTER_KEY`]);
});

test('one key that cannot be unwrapped keeps no other from being wrapped, and the rotation from its end', async () => {
  const ring = KeyRing.of(OLD, NEW);
  await createSecrets(kv, aBox(kv, ring)).put('database/b/x', 'b');
  const a = (await wrappedKeyRecords.get(kv, 'database', 'a'))?.value;
  if (a) await kv.commit([], [wrappedKeyRecords.put({ ...a, wrapped: a.wrapped.replace(/^./, (c) => (c === 'A' ? 'B' : 'A')) }, 'database', 'a')]); // prettier-ignore
  await beginRotation(kv, ring, undefined, NOW);
  await expect(finishRotation(kv, ring)).rejects.toThrow('the data key of database/a cannot be unwrapped');
  expect((await wrappedKeyRecords.get(kv, 'database', 'b'))?.value.by).toBe(idOf(NEW));
  expect((await masterKeyRecords.get(kv))?.value.from).toBe(idOf(OLD));
});

describe('at the start', () => {
  const check = (ring: KeyRing) => checkMasterKeys(kv, ring, () => undefined);
  test('a key that is not the one in use is refused in words, and nothing is written', async () => {
    const before = await kv.list('');
    await expect(check(KeyRing.of(NEW))).rejects.toThrow(
      `what is stored is wrapped by master key ${idOf(OLD)}, which WINDLASS_MASTER_KEY does not hold (it holds ${idOf(NEW)}): add that key`,
    );
    expect(await kv.list('')).toEqual(before);
    await check(KeyRing.of(NEW, OLD));
  });

  test('a store of the first release is tried: it names no key', async () => {
    kv = createMemoryKv();
    const dataKey = randomBytes(32);
    const value = { v: 1, key: encrypt(OLD, 'n', dataKey), text: encrypt(dataKey, 'n', Buffer.from('x')) };
    await check(KeyRing.of(NEW));
    await kv.commit([], [{ put: keys.secret('n'), value }, { put: keys.secret('m'), value }]); // prettier-ignore
    await expect(check(KeyRing.of(NEW))).rejects.toThrow(
      'sealed with another master key than WINDLASS_MASTER_KEY holds',
    );
    await check(KeyRing.of(OLD));
    expect(await masterKeyRecords.get(kv)).toBeUndefined();
  });
});

describe('a key ring', () => {
  test('is lines of 64 digits; comments and empty lines are no keys', () => {
    const [a, b] = [OLD.toString('hex'), NEW.toString('hex').toUpperCase()];
    expect(parseMasterKeys(`# the first\n${a}\r\n\n  ${b}  \n`).map(({ bytes }) => bytes)).toEqual([OLD, NEW]);
    expect(parseMasterKeys(`${a},${b}`)).toHaveLength(2);
  });
  test.each(['', '\n# none\n', 'abc', `${'0'.repeat(63)}g`, `${'0'.repeat(64)}\n${'0'.repeat(65)}`])(
    'says what is wrong and tells nothing of a key (%#)',
    (text) => expect(() => parseMasterKeys(text)).toThrow(/^(holds no key|must hold 32 bytes as 64 hexadecimal digits a line; key [12] is none)/), // prettier-ignore
  );
  test('is read again for a key that is not there, and stays as it is when that fails', async () => {
    let text = OLD.toString('hex');
    const ring = await KeyRing.open({ setting: 'WINDLASS_MASTER_KEY_FILE', read: () => Promise.resolve(text) });
    expect(await ring.find(idOf(NEW))).toBeUndefined();
    text = 'half a li';
    expect(await ring.find(idOf(NEW))).toBeUndefined();
    await expect(ring.reload()).rejects.toThrow('WINDLASS_MASTER_KEY_FILE: must hold');
    text = `${OLD.toString('hex')}\n${NEW.toString('hex')}`;
    expect((await ring.find(idOf(NEW)))?.bytes).toEqual(NEW);
  });
});
