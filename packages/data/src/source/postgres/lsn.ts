import { ProtocolError } from './protocol-error.ts';

/** A log sequence number: a position in the server's write-ahead log, in bytes since its beginning. 0 means none. */
export type Lsn = bigint;

const HALF = 0xffff_ffffn;
const TEXT = /^([0-9a-f]{1,8})\/([0-9a-f]{1,8})$/i;

/** As Postgres writes it: `16/B374D848`. */
export function formatLsn(lsn: Lsn): string {
  const hex = (half: bigint): string => half.toString(16).toUpperCase();
  return `${hex(lsn >> 32n)}/${hex(lsn & HALF)}`;
}

/** Reads `16/B374D848`. Throws `ProtocolError` when the text is no LSN. */
export function parseLsn(text: string): Lsn {
  const [, high, low] = TEXT.exec(text) ?? [];
  if (high === undefined || low === undefined) throw new ProtocolError(`'${text}' is no LSN`);
  return (BigInt(`0x${high}`) << 32n) | BigInt(`0x${low}`);
}

/** The later of two positions. */
export const laterLsn = (a: Lsn, b: Lsn): Lsn => (a > b ? a : b);
