import type { PayloadCodec } from '@temporalio/common';
import type { Kv, SecretBox } from '../../store/index.ts';
import { createPayloadCodec, decodingOnly } from './payload-codec.ts';
import { createPayloadKeys } from './payload-keys.ts';

/** What a process sends to Temporal and reads from it. */
export interface Payloads {
  readonly codec: PayloadCodec;
  /** Rejects while the key that encrypts cannot be had: a worker without it takes no task, because it could not even say that one failed. */
  ready(): Promise<void>;
}

/** `plain` encrypts nothing; what is encrypted is read either way. */
export function openPayloads(kv: Pick<Kv, 'commit'>, box: SecretBox, how: 'encrypted' | 'plain'): Payloads {
  const keys = createPayloadKeys(kv, box);
  const codec = createPayloadCodec(keys);
  if (how === 'plain') return { codec: decodingOnly(codec), ready: () => Promise.resolve() };
  return { codec, ready: async () => void (await keys.current()) };
}
