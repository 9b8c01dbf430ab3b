export { openPayloads, type Payloads } from './open-payloads.ts';
export { OF_TEMPORAL } from './payload-keys.ts';
