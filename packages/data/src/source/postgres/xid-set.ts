import type { Xid } from './messages.ts';

const BITS = 4096;

/**
 * A set of transaction numbers, a bit each in pages of 4096: the numbers of one transaction's subtransactions lie close together, and a
 * loop with an exception handler can have millions of them.
 */
export class XidSet {
  readonly #pages = new Map<number, Uint8Array>();

  add(xid: Xid): void {
    const number = Math.floor(xid / BITS);
    const page = this.#pages.get(number) ?? new Uint8Array(BITS / 8);
    this.#pages.set(number, page);
    const bit = xid % BITS;
    page[bit >> 3] = (page[bit >> 3] ?? 0) | (1 << (bit & 7));
  }

  has(xid: Xid): boolean {
    const page = this.#pages.get(Math.floor(xid / BITS));
    const bit = xid % BITS;
    return page !== undefined && ((page[bit >> 3] ?? 0) & (1 << (bit & 7))) !== 0;
  }
}
