import type { Claim } from '../collection.ts';
import type { KvWrite } from '../kv.ts';
import type { SecretBox } from '../secrets/secret-box.ts';

/**
 * One change of what is stored, from one version to the next. It is made in pages, record by record, and again from the start when
 * it was cut short: what it gave for a record has to be nothing when it is asked for what it made of it.
 */
export interface Migration {
  /** Of the store after it: the first is 1, the next 2. */
  readonly version: number;
  readonly name: string;
  /** A program that knows no version as new as this one would lose or misread something afterwards. */
  readonly oldestReader: number;
  /** Of the keys that are looked at. */
  readonly prefix: string;
  /**
   * What is written in its place, the record itself last; nothing when it is as it should be. What is sealed anew is a claim: it
   * expects the key that it was sealed with, and goes into one transaction. Changes nothing itself.
   */
  change(key: string, value: unknown, box: SecretBox): readonly KvWrite[] | Promise<Claim | readonly KvWrite[]>;
}
