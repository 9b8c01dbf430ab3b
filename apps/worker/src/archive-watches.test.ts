import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ArchiveWatches } from './archive-watches.ts';

let root: string;
let archived: string[];
let watches: ArchiveWatches;
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'windlass-archive-'));
  archived = [];
  watches = new ArchiveWatches(
    (id) => path.join(root, id),
    (id) => archived.push(id),
  );
  await mkdir(statusOf('a'), { recursive: true });
});
afterEach(async () => {
  watches.close();
  await rm(root, { recursive: true });
});

const statusOf = (id: string): string => path.join(root, id, 'pg_wal/archive_status');
async function archive(segment: string, id = 'a'): Promise<void> {
  await writeFile(path.join(statusOf(id), `${segment}.ready`), '');
  await rename(path.join(statusOf(id), `${segment}.ready`), path.join(statusOf(id), `${segment}.done`));
}
async function times(count: number): Promise<void> {
  for (let i = 0; i < 60 && archived.length < count; i += 1) await sleep(50);
  expect(archived).toHaveLength(count);
}

it('tells that a segment was archived, and of many at once no more than one a second', async () => {
  await watches.follow(['a']);
  for (const segment of ['1', '2', '3']) await archive(segment);
  await times(1);
  await archive('4');
  await archive('5');
  await times(2);
});

it('says nothing of a segment that only waits', async () => {
  await watches.follow(['a']);
  await writeFile(path.join(statusOf('a'), '1.ready'), '');
  await sleep(300);
  await times(0);
});

it('goes on after a restore has put another directory in the place of the data', async () => {
  await watches.follow(['a']);
  await rename(path.join(root, 'a'), path.join(root, 'before'));
  await mkdir(statusOf('a'), { recursive: true });
  await watches.follow(['a']);
  await archive('1');
  await times(1);
});

it('begins when there is data, and ends with the instance', async () => {
  await watches.follow(['a', 'b']);
  await mkdir(statusOf('b'), { recursive: true });
  await watches.follow(['b']);
  await archive('1', 'a');
  await archive('1', 'b');
  await times(1);
  expect(archived).toEqual(['b']);
});
