import { DomainError } from '../errors/index.ts';
import type { KvWrite } from './kv.ts';

/** etcd's `--max-request-bytes`: 1.5 MiB unless told. */
export const MAX_REQUEST_BYTES = 1.5 * 1024 * 1024;
/** etcd's `--max-txn-ops`: so many writes, and so many expectations, in one transaction. */
export const MAX_OPERATIONS = 128;
/** What etcd adds to a request: its header, and of each write its framing. */
const HEADER_BYTES = 1024;
const FRAME_BYTES = 32;

/** A write with its value as it is stored. */
export type Encoded = { readonly write: KvWrite; readonly text: string };

export const encode = (write: KvWrite): Encoded => ({
  write,
  text: 'put' in write ? JSON.stringify(write.value) : '',
});

/** Refuses before it is sent what etcd would refuse, with the numbers: `too_large`, or `store_refused` for too many writes. */
export function refuseOversize(expectations: number, writes: readonly Encoded[]): void {
  const most = Math.max(expectations + 1, writes.length);
  if (most > MAX_OPERATIONS)
    throw new DomainError(
      'store_refused',
      `a transaction has ${String(most)} parts; etcd takes ${String(MAX_OPERATIONS)}`,
    );
  const sizes = writes.map((w) => ({ key: keyOf(w.write), bytes: bytesOf(w) }));
  const bytes = sizes.reduce((sum, size) => sum + size.bytes, HEADER_BYTES);
  if (bytes <= MAX_REQUEST_BYTES) return;
  const largest = sizes.reduce((a, b) => (b.bytes > a.bytes ? b : a));
  throw new DomainError(
    'too_large',
    `'${largest.key}' has ${String(largest.bytes)} bytes in a request of ${String(bytes)}; etcd takes ${String(MAX_REQUEST_BYTES)}`,
  );
}

const keyOf = (write: KvWrite): string =>
  'put' in write ? write.put : 'remove' in write ? write.remove : write.removePrefix;

const bytesOf = ({ write, text }: Encoded): number =>
  Buffer.byteLength(text) + Buffer.byteLength(keyOf(write)) + FRAME_BYTES;
