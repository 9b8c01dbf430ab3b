import { describeKv } from '../testing/describe-kv.ts';
import { createMemoryKv } from './memory.ts';

describeKv('keys and values in memory', () => Promise.resolve(createMemoryKv()));
