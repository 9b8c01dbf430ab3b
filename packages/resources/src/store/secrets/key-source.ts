import type { Claim } from '../collection.ts';
import type { KeyOwner } from './key-owner.ts';

/** A data key in clear. */
export interface DataKey {
  readonly id: string;
  readonly bytes: Buffer;
}

/** A value of the first release: a data key of its own, wrapped by the master key. */
export interface FirstSealed {
  readonly key: string;
  readonly text: string;
}

/** Where data keys come from: from the store with a master key, or from a server that has one. */
export interface KeySource {
  /** The key of this id; rejects with words where the owner has another one now, or it cannot be had. */
  open(owner: KeyOwner, id: string): Promise<Buffer>;
  /** A key for an owner that has none; what makes it belongs into the transaction that uses it first. */
  make(owner: KeyOwner): Promise<{ readonly key: DataKey; readonly claim: Claim }>;
  /** Opens what the first release sealed. */
  openFirst(name: string, sealed: FirstSealed): Promise<string>;
}
