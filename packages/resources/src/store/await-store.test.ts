import { DomainError } from '../errors/index.ts';
import { awaitStore } from './await-store.ts';
import { keys } from './keys.ts';
import type { Kv } from './kv.ts';
import { createMemoryKv } from './memory.ts';

const schema = (version: number, oldestReader = 0) => [{ put: keys.schema, value: { version, oldestReader, writtenBy: 'abc1234' } }]; // prettier-ignore

afterEach(() => void jest.restoreAllMocks());

/** Waits for version 2; `looks` is told every look, the first is 1. From one to the next 10 ms pass, however slow the machine is. */
async function waitOn(kv: Pick<Kv, 'get'>, looks: (n: number) => unknown = () => undefined) {
  const told: string[] = [];
  let n = 0;
  jest.spyOn(performance, 'now').mockImplementation(() => n * 10);
  const looking = { get: async (key: string) => (await looks((n += 1)), kv.get(key)) };
  const tell = (sentence: string): void => void told.push(sentence);
  await awaitStore(looking, { tell, known: 2, lookAgainMs: 1, tellAgainMs: 100 });
  return told;
}

test('a store of this version is used at once, and one that is newer and loses nothing', async () => {
  const kv = createMemoryKv();
  await kv.commit([], schema(2));
  expect(await waitOn(kv)).toEqual([]);
  await kv.commit([], schema(3, 2));
  expect(await waitOn(kv)).toEqual(["the store is of version 3, newer than this program's 2: nothing it does is lost"]);
  await kv.commit([], schema(4, 3));
  await expect(waitOn(kv)).rejects.toMatchObject({ code: 'store_newer' });
});

test('waits while no server has upgraded the store, and says so, now and again', async () => {
  const kv = createMemoryKv();
  const told = await waitOn(kv, (n) => n === 200 && kv.commit([], schema(2)));
  expect(new Set(told)).toEqual(new Set(['waiting for a server to upgrade the store from version 0 to 2']));
  expect(told.length).toBe(20);
});

test('an account that may not read the version yet waits for a server that lets it; one that may read nothing was removed', async () => {
  const kv = createMemoryKv();
  await kv.commit([], schema(2));
  const refused = new DomainError('not_a_member');
  let renewed = false;
  const account = { get: (key: string) => (key === keys.schema && !renewed ? Promise.reject(refused) : kv.get(key)) };
  expect((await waitOn(account, (n) => n === 5 && (renewed = true))).length).toBe(1);
  await expect(waitOn({ get: () => Promise.reject(refused) })).rejects.toMatchObject({ code: 'not_a_member' });
});
