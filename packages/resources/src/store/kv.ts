/** A stored value with the etcd revision it was last changed at. `0` means absent. */
export interface Versioned<T> {
  readonly value: T;
  readonly revision: number;
}

/** Small key-value surface the stores stand on; etcd and memory implement it and share one contract suite. */
export interface Kv {
  get(key: string): Promise<Versioned<unknown> | undefined>;
  list(
    prefix: string,
    options?: { readonly limit?: number; readonly order?: 'asc' | 'desc'; readonly after?: string },
  ): Promise<readonly (Versioned<unknown> & { readonly key: string })[]>;
  /** All writes or none. `false` when an expectation does not hold. Returns the new revision. */
  commit(
    expect: readonly { readonly key: string; readonly revision: number }[],
    writes: readonly KvWrite[],
  ): Promise<number | false>;
  watch(
    prefix: string,
    onChange: (change: KvChange) => void,
    onResync: () => void,
  ): Promise<{ close(): Promise<void> }>;
  close(): Promise<void>;
}
export type KvWrite =
  | { readonly put: string; readonly value: unknown; readonly ttlSeconds?: number }
  | { readonly remove: string }
  | { readonly removePrefix: string };
export interface KvChange {
  readonly key: string;
  readonly value: unknown;
  readonly deleted: boolean;
  /** `0` when deleted. */
  readonly revision: number;
}
