import fc from 'fast-check';
import { formatLsn, parseLsn } from './lsn.ts';
import { ProtocolError } from './protocol-error.ts';
import { formatTimestamp, toTimestamp, toUnixMs } from './timestamp.ts';
import { XidSet } from './xid-set.ts';

describe('LSN', () => {
  it('is written and read as Postgres does', () => {
    expect(formatLsn(0x16b374d848n)).toBe('16/B374D848');
    expect(formatLsn(0n)).toBe('0/0');
    expect(parseLsn('FFFFFFFF/ffffffff')).toBe(2n ** 64n - 1n);
    fc.assert(fc.property(fc.bigInt(0n, 2n ** 64n - 1n), (lsn) => expect(parseLsn(formatLsn(lsn))).toBe(lsn)));
  });

  it.each(['', '1', '/1', '1/', '1/2/3', '123456789/1', 'g/1', ' 1/2'])("refuses '%s'", (text) => {
    expect(() => parseLsn(text)).toThrow(ProtocolError);
  });
});

describe('timestamp', () => {
  it('counts microseconds from the year 2000 on', () => {
    expect(toTimestamp(Date.UTC(2000, 0, 1))).toBe(0n);
    expect(formatTimestamp(817_459_200_123_456n)).toBe('2025-11-26T08:00:00.123456Z');
    expect(formatTimestamp(-1n)).toBe('1999-12-31T23:59:59.999999Z');
  });

  it('loses nothing above a millisecond', () => {
    const ms = fc.integer({ min: -(10 ** 12), max: 4 * 10 ** 12 });
    fc.assert(fc.property(ms, (unixMs) => expect(toUnixMs(toTimestamp(unixMs))).toBe(unixMs)));
  });
});

describe('XidSet', () => {
  it('has what was added and nothing else', () => {
    const xid = fc.oneof(fc.nat(20_000), fc.integer({ min: 0, max: 2 ** 32 - 1 }));
    fc.assert(
      fc.property(fc.array(xid), fc.array(xid), (added, asked) => {
        const set = new XidSet();
        for (const one of added) set.add(one);
        for (const one of [...added, ...asked]) expect(set.has(one)).toBe(added.includes(one));
      }),
    );
  });
});
