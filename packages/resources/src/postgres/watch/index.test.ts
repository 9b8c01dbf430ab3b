import { readdirSync } from 'node:fs';
import path from 'node:path';
import { checks, lookAt, type Check, type Watched } from './index.ts';

const ROOM = new Set(['index.ts', 'check.ts', 'look-at.ts']);

test('every check beside the list is in it, under a name of its own', () => {
  const files = readdirSync(path.resolve(__dirname)).filter((file) => !/test\.ts$/.test(file) && !ROOM.has(file));
  expect(checks).toHaveLength(files.length);
  expect(new Set(checks.map(({ name }) => name)).size).toBe(checks.length);
});

const at = (role: Watched['role']): Watched => ({ role }) as Watched;
const [T1, T2] = [new Date('2026-01-01T00:00:00Z'), new Date('2026-01-01T00:01:00Z')];
const finds = (message: string): Check => ({
  name: 'slots',
  roles: ['writable'],
  look: () => Promise.resolve([{ type: 'backup_damaged', message }]),
});

test('what is still so keeps the time it was seen first; something else is new', async () => {
  const first = await lookAt(at('writable'), [finds('a')], {}, T1);
  const second = await lookAt(at('writable'), [finds('a')], first, T2);
  expect(second).toEqual({ slots: [{ type: 'backup_damaged', message: 'a', since: T1.toISOString() }] });
  expect(await lookAt(at('writable'), [finds('b')], second, T2)).toEqual({
    slots: [{ type: 'backup_damaged', message: 'b', since: T2.toISOString() }],
  });
});

test('what could not be looked at stays as it was; what is not a matter of this role goes', async () => {
  const before = await lookAt(at('writable'), [finds('a')], {}, T1);
  const broken: Check = { ...finds('a'), look: () => Promise.reject(new Error('no answer')) };
  expect(await lookAt(at('writable'), [broken], before, T2)).toEqual(before);
  expect(await lookAt(at('silent'), [finds('a')], before, T2)).toEqual(before);
  expect(await lookAt(at('streaming'), [finds('a')], before, T2)).toEqual({});
});
