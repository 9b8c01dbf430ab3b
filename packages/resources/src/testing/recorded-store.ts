import { readFileSync } from 'node:fs';
import path from 'node:path';
import { createMemoryKv } from '../store/memory.ts';
import type { Kv } from '../store/kv.ts';

const FOLDER = path.join(import.meta.dirname, 'testdata');

/** What `testdata/` has of an earlier release. */
export const RECORDED = ['804ec52'] as const;
export type Recorded = (typeof RECORDED)[number];

/**
 * What a stack of an earlier release had in etcd, each key with its value: databases with backups and a kept backup, with a stopped
 * instance, failed and canceled tasks, a restore that can be undone; open tasks: a create in the middle of a script, a switchover that
 * waits for its time, the removal of a host; leftovers on a host that is away. Left out: all secrets (the values are sealed with a
 * key of 32 bytes 1 and open as `left out`), some plans and most lines of logs.
 */
export function recordedRows(release: Recorded): readonly (readonly [key: string, value: unknown])[] {
  const text = readFileSync(path.join(FOLDER, `store-${release}.jsonl`), 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as [string, unknown]);
}

/** The same in a store. */
export async function recordedStore(release: Recorded, kv: Kv = createMemoryKv()): Promise<Kv> {
  for (const [key, value] of recordedRows(release)) await kv.commit([], [{ put: key, value }]);
  return kv;
}

/** What that release answered to a GET of some paths, about the same store a few seconds later. */
export function recordedAnswers(release: Recorded): Readonly<Record<string, unknown>> {
  return JSON.parse(readFileSync(path.join(FOLDER, `answers-${release}.json`), 'utf8')) as Record<string, unknown>;
}
