import type { PayloadCodec } from '@temporalio/common';
import { openPayloads } from '../platform/payloads/index.ts';
import { createMemoryKv, type Kv } from '../store/index.ts';
import { aBox } from './a-box.ts';

/** Encrypts what Temporal keeps with a key of that store. */
export const aCodec = (kv: Kv = createMemoryKv()): PayloadCodec => openPayloads(kv, aBox(kv), 'encrypted').codec;
