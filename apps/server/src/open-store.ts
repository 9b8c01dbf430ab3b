import { setTimeout as delay } from 'node:timers/promises';
import { domainErrorOf } from '@windlass/resources/errors';
import { migrateStore, type Kv, type MigrateOptions } from '@windlass/resources/store';
import type { NotYet } from './late-deps.ts';

const TRY_AGAIN_MS = 500;

export interface StoreOpening extends Pick<MigrateOptions, 'by' | 'box' | 'tell'> {
  /** Rejects when this server has not the master keys of the store. Nothing was written by then. */
  check(): Promise<void>;
  /** Called with the reason as often as it changes. */
  refuse(why: NotYet): void;
}

/**
 * Resolves when the store is of this program's version: it is upgraded where it is older, and etcd is waited for. Rejects when this
 * program cannot work with it, such as `store_newer`.
 */
export async function openStore(kv: Kv, { by, box, tell, check, refuse }: StoreOpening): Promise<void> {
  for (;;) {
    try {
      await check();
      return await migrateStore(kv, {
        by,
        box,
        tell: (sentence) => {
          refuse('store_upgrading');
          tell(sentence);
        },
      });
    } catch (err) {
      const code = domainErrorOf(err)?.code;
      if (code !== 'store_unavailable' && code !== 'store_full') throw err;
      refuse(code);
      await delay(TRY_AGAIN_MS);
    }
  }
}
