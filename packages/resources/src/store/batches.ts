import type { KvWrite } from './kv.ts';
import { MAX_OPERATIONS, MAX_REQUEST_BYTES } from './request-limits.ts';

/** Stays well below what etcd takes in one request, so that what it adds to it always fits. */
const BATCH_BYTES = MAX_REQUEST_BYTES * 0.75;
const BATCH_WRITES = MAX_OPERATIONS - 2;

/** Writes in the given order, in as few transactions as etcd takes them in. */
export function inBatches(writes: readonly KvWrite[]): KvWrite[][] {
  const batches: KvWrite[][] = [];
  let bytes = 0;
  for (const write of writes) {
    const size = Buffer.byteLength(JSON.stringify(write));
    const last = batches.at(-1);
    if (last && last.length < BATCH_WRITES && bytes + size <= BATCH_BYTES) {
      last.push(write);
      bytes += size;
    } else {
      batches.push([write]);
      bytes = size;
    }
  }
  return batches;
}
