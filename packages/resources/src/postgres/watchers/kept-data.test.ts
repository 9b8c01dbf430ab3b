import { silentLog } from '../../testing/silent-log.ts';
import { databaseRecords, swapRecords, type SwapRecord } from '../records/index.ts';
import { createMemoryKv, type Kv } from '../../store/index.ts';
import { KeptDataRemover } from './kept-data.ts';

const UNTIL = '2026-01-31T12:00:00.000Z';
const TASK = '01a1fd61-7fe9-71dd-a5b0-24e538a5daf2';
const record: SwapRecord = {
  taskId: TASK, databaseId: 'shop', nodeName: 'n1', instanceId: 'shop-n1-689qacsi', hostId: 'host-1',
  at: '2026-01-30T12:00:00.000Z', fromTimeline: 1, data: 'kept', until: UNTIL,
}; // prettier-ignore
const id = ['shop', 'n1', TASK] as const;
const times = { createdAt: record.at, updatedAt: record.at };

let kv: Kv;
let removed: string[];
let now: number;
let remover: KeptDataRemover;
const clients = {
  host: { hostId: 'host-1' },
  files: {
    removeTree: (path: string) => Promise.resolve(void removed.push(path)),
    directory: () => Promise.resolve(undefined),
    entries: () => Promise.resolve([]),
    removeEmpty: () => Promise.resolve(),
  },
};
const stored = async () => (await swapRecords.get(kv, ...id))?.value;
const put = (more: Partial<SwapRecord>) => kv.commit([], [swapRecords.put({ ...record, ...more }, ...id)]);
const own = (openTaskId?: string) =>
  kv.commit([], [databaseRecords.put({ id: 'shop', ...times, state: 'available', openTaskId }, 'shop')]);

beforeEach(async () => {
  kv = createMemoryKv();
  removed = [];
  now = Date.parse(UNTIL) + 1;
  remover = new KeptDataRemover({ kv, clients }, silentLog, () => now);
  await put({});
  await own();
});

test('data whose time is over is removed, and its record says so', async () => {
  await remover.look();
  expect(removed).toEqual([`instances/shop-n1-689qacsi/data/pgdata.before-${TASK}`]);
  expect((await stored())?.data).toBe('gone');
  await remover.look();
  expect(removed).toHaveLength(1);
});

test('a removal that was interrupted is done again', async () => {
  await put({ data: 'expiring' });
  await remover.look();
  expect([removed.length, (await stored())?.data]).toEqual([1, 'gone']);
});

test.each([
  ['its time is not over', () => Promise.resolve(void (now -= 2))],
  ['a task owns the database: it may be putting it back', () => own('task')],
  ['it was put back', () => put({ data: 'taken' })],
  ['it is on another host', () => put({ hostId: 'host-2' })],
])('data stays while %s', async (_why, given) => {
  await given();
  const before = await stored();
  await remover.look();
  expect(removed).toEqual([]);
  expect(await stored()).toEqual(before);
});

test('a record that cannot be read is said in the log, and keeps no other from its end', async () => {
  const lines: string[] = [];
  const log = {
    ...silentLog,
    warn: (facts: object, sentence: string) => void lines.push(JSON.stringify({ ...facts, msg: sentence })),
  };
  const bad = swapRecords.key('shop', 'n0', TASK);
  await kv.commit([], [{ put: bad, value: { taskId: TASK } }]);
  await new KeptDataRemover({ kv, clients }, log, () => now).look();
  expect([removed.length, (await stored())?.data]).toEqual([1, 'gone']);
  expect(lines.map((line) => (JSON.parse(line) as { key: string }).key)).toEqual([bad]);
});
