import fc from 'fast-check';
import { i64, join, letter, u64, u8 } from '../../testing/pgoutput-bytes.ts';
import { decodeFrame, encodeStandbyStatus } from './frames.ts';
import { ProtocolError } from './protocol-error.ts';

describe('frames', () => {
  it('reads a piece of the log', () => {
    const bytes = join(letter('w'), u64(1n), u64(2n), i64(-3n), Buffer.from('data'));
    const frame = { kind: 'xlogData', walStart: 1n, walEnd: 2n, sendTime: -3n, data: Buffer.from('data') };
    expect(decodeFrame(bytes)).toEqual(frame);
    expect(decodeFrame(join(letter('w'), u64(1n), u64(2n), i64(3n)))).toMatchObject({ data: Buffer.alloc(0) });
  });

  it.each([false, true])('reads a keepalive (reply requested: %s)', (replyRequested) => {
    const bytes = join(letter('k'), u64(2n ** 64n - 1n), i64(3n), u8(replyRequested ? 1 : 0));
    expect(decodeFrame(bytes)).toEqual({ kind: 'keepalive', walEnd: 2n ** 64n - 1n, sendTime: 3n, replyRequested });
  });

  it('writes a status as the documentation of Postgres has it', () => {
    const status = { written: 3n, flushed: 2n, applied: 1n, clock: -5n, replyRequested: true };
    expect(encodeStandbyStatus(status)).toEqual(join(letter('r'), u64(3n), u64(2n), u64(1n), i64(-5n), u8(1)));
    expect(encodeStandbyStatus({ ...status, replyRequested: false }).at(-1)).toBe(0);
  });

  it('throws nothing but its own error, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.constantFrom('w', 'k', 'x', ''), fc.uint8Array({ maxLength: 40 }), (kind, rest) => {
        try {
          decodeFrame(join(letter(kind), Buffer.from(rest)));
        } catch (err) {
          expect(err).toBeInstanceOf(ProtocolError);
        }
      }),
      { numRuns: 5000 },
    );
  });
});
