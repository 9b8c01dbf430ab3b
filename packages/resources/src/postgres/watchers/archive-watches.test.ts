import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ArchiveWatches } from './archive-watches.ts';

let root: string;
let archived: string[];
let onArchived: () => void;
let watches: ArchiveWatches;
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'windlass-archive-'));
  archived = [];
  onArchived = () => undefined;
  watches = new ArchiveWatches(
    (id) => path.join(root, id),
    (id) => {
      archived.push(id);
      onArchived();
    },
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
/** Resolves when that many have been told of; the test's own limit ends a wait for nothing. */
async function times(count: number): Promise<void> {
  while (archived.length < count) await new Promise<void>((resolve) => (onArchived = resolve));
  expect(archived).toHaveLength(count);
}

it('tells that a segment was archived, and of many at once no more than one a second', async () => {
  await watches.follow('a');
  for (const segment of ['1', '2', '3']) await archive(segment);
  await times(1);
  await archive('4');
  await archive('5');
  await times(2);
});

it('says nothing of a segment that only waits', async () => {
  await mkdir(statusOf('b'), { recursive: true });
  for (const id of ['a', 'b']) await watches.follow(id);
  await writeFile(path.join(statusOf('a'), '1.ready'), '');
  await archive('1', 'b'); // later, and told after the same time
  await times(1);
  expect(archived).toEqual(['b']);
});

it('goes on after a restore has put another directory in the place of the data', async () => {
  await watches.follow('a');
  await rename(path.join(root, 'a'), path.join(root, 'before'));
  await mkdir(statusOf('a'), { recursive: true });
  await watches.follow('a');
  await archive('1');
  await times(1);
});

it('begins when there is data, and ends with the instance', async () => {
  for (const id of ['a', 'b']) await watches.follow(id);
  await mkdir(statusOf('b'), { recursive: true });
  await watches.follow('b');
  await archive('1', 'a');
  watches.leave('a'); // what it was about to tell, too
  await archive('2', 'a');
  await archive('1', 'b');
  await times(1);
  expect(archived).toEqual(['b']);
});
