import { Etcd3, Range, type IOptions } from 'etcd3';
import { reach as reachEtcd } from './etcd-errors.ts';
import { followIdentity, type RenewedIdentity } from './etcd-identity.ts';
import { readPages, type PagedRange } from './etcd-pages.ts';
import { openWatch } from './etcd-watch.ts';
import type { Kv, Versioned } from './kv.ts';
import { encode, refuseOversize, type Encoded } from './request-limits.ts';

export interface EtcdOptions extends RenewedIdentity {
  readonly endpoints: readonly string[];
  /** Why nobody answers, where that is known: `the certificate of host-1 for etcd ended at …`. */
  whyNot?(): string | undefined;
  /** Everything is kept under this prefix; `/windlass/` unless told. */
  readonly prefix?: string;
}

export const OUR_PREFIX = '/windlass/';

const DEADLINE_MS = 3000;

/** Of gRPC's own, 4 MiB, three large values are too much; an answer that is too long has the library close the channel for all. */
const LONGEST_ANSWER_BYTES = 64 * 1024 * 1024;

/** The library would wait up to 30 s before it opens a broken watch again. */
const WATCH_BACKOFF = { duration: 250, next: () => WATCH_BACKOFF };

/** An etcd3 client over mutual TLS with deadlines and without the library's circuit breaker and back-off. */
export function connectEtcd(options: EtcdOptions): Etcd3 {
  const noop = { execute: async (fn: (context: object) => unknown) => fn({}) };
  const config = {
    hosts: [...options.endpoints],
    credentials: {
      rootCertificate: Buffer.from(options.caPem),
      certChain: Buffer.from(options.certPem),
      privateKey: Buffer.from(options.keyPem),
    },
    faultHandling: { host: () => noop, global: noop, watchBackoff: WATCH_BACKOFF },
    defaultCallOptions: (context: { isStream: boolean }) =>
      context.isStream ? {} : { deadline: Date.now() + DEADLINE_MS },
    grpcOptions: {
      'grpc.max_receive_message_length': LONGEST_ANSWER_BYTES,
      'grpc.keepalive_time_ms': 10_000,
      'grpc.keepalive_timeout_ms': 3000,
      'grpc.initial_reconnect_backoff_ms': 100,
      'grpc.min_reconnect_backoff_ms': 100,
      'grpc.max_reconnect_backoff_ms': 500,
    },
  };
  const client = new Etcd3(config as unknown as IOptions);
  followIdentity(client, options);
  return client;
}

/** The key-value port on etcd. A failure to reach it is `store_unavailable`; what it refuses has a name of its own. */
export async function openEtcdKv(options: EtcdOptions): Promise<Kv> {
  const client = connectEtcd(options);
  const prefix = options.prefix ?? OUR_PREFIX;
  const reach = <T>(call: () => PromiseLike<T>): Promise<T> => reachEtcd(call, options.whyNot);
  const full = (key: string): string => prefix + key;
  const short = (key: Buffer | string): string => key.toString().slice(prefix.length);

  const get = async (key: string): Promise<Versioned<unknown> | undefined> => {
    const { kvs } = await reach(() => client.get(full(key)).exec());
    const kv = kvs[0];
    return kv && { value: parse(kv.value), revision: Number(kv.mod_revision) };
  };

  const list: Kv['list'] = async (under, { limit = 0, order = 'asc', after } = {}) => {
    const range = rangeOf(full(under), after === undefined ? undefined : full(after), order);
    if (!range) return [];
    const rows = await readPages(client, { ...range, order, limit });
    return rows.map((kv) => ({ key: short(kv.key), value: parse(kv.value), revision: Number(kv.mod_revision) }));
  };

  const commit: Kv['commit'] = async (expect, writes) => {
    const encoded = writes.map(encode);
    refuseOversize(expect.length, encoded);
    const operations = await Promise.all(encoded.map((w) => reach(() => toOperation(client, w, full))));
    const builder = expect.reduce(
      (cmp, e) => cmp.and(full(e.key), 'Mod', '==', e.revision),
      client.if(full('\0never'), 'Version', '==', 0),
    );
    const result = await reach(() => builder.then(...operations).commit());
    return result.succeeded ? Number(result.header.revision) : false;
  };

  return {
    get,
    list,
    commit,
    watch: (under, onChange, onResync) =>
      openWatch(
        client,
        full(under),
        (key, value, revision) =>
          onChange({ key: short(key), value: value && parse(value), deleted: !value, revision }),
        onResync,
      ),
    close: () => Promise.resolve(client.close()),
  };
}

/** The keys of a prefix, or what lies behind one of them in the given order; `undefined` when that is nothing. */
function rangeOf(
  prefix: string,
  after: string | undefined,
  order: 'asc' | 'desc',
): Pick<PagedRange, 'from' | 'to'> | undefined {
  const { start, end } = Range.prefix(prefix);
  if (after === undefined) return { from: start, to: end };
  const past = Buffer.from(order === 'asc' ? `${after}\0` : after);
  const from = order === 'asc' && Buffer.compare(past, start) > 0 ? past : start;
  const to = order === 'desc' && Buffer.compare(past, end) < 0 ? past : end;
  return Buffer.compare(from, to) < 0 ? { from, to } : undefined;
}

async function toOperation(client: Etcd3, { write, text }: Encoded, full: (key: string) => string) {
  if ('remove' in write) return client.delete().key(full(write.remove)).op();
  if ('removePrefix' in write) return client.delete().prefix(full(write.removePrefix)).op();
  const put = client.put(full(write.put)).value(text);
  if (write.ttlSeconds === undefined) return put.op();
  const { ID } = await client.leaseClient.leaseGrant({ TTL: write.ttlSeconds, ID: 0 });
  return put.lease(ID).op();
}

const parse = (value: Buffer): unknown => JSON.parse(value.toString());
