import fc from 'fast-check';
import { Progress } from './progress.ts';
import type { SourceEvent } from './events.ts';

const begin = { kind: 'begin', xid: 1, commitLsn: 0n, commitTime: 0n, streamed: false } as const;
const commit = (endLsn: bigint): SourceEvent => ({
  kind: 'commit',
  xid: 1,
  commitLsn: endLsn - 1n,
  endLsn,
  commitTime: 0n,
});
const message = (lsn: bigint): SourceEvent => ({
  ...{ kind: 'message', transactional: false, lsn, prefix: '', content: Buffer.alloc(0) },
});

describe('Progress', () => {
  it('begins with what is known to be safe', () => {
    const progress = new Progress(10n);
    expect([progress.received, progress.delivered, progress.confirmed]).toEqual([10n, 10n, 10n]);
    progress.receive(12n);
    expect([progress.received, progress.confirmed]).toEqual([12n, 10n]);
  });

  it.each([
    ['a transaction', [begin, commit(8n)]],
    ['a message of no transaction', [message(7n)]],
  ])('moves over what gives no event while nothing is in hand: %s', (_, events) => {
    const progress = new Progress(0n);
    progress.pass(5n);
    expect(progress.confirmed).toBe(5n);
    for (const event of events) {
      progress.deliver(event);
      progress.pass(event === events.at(-1) ? 9n : 6n);
      expect(progress.confirmed).toBe(5n);
    }
    progress.confirm(8n);
    expect(progress.confirmed).toBe(9n);
  });

  it('refuses what was not delivered', () => {
    const progress = new Progress(5n);
    expect(() => progress.confirm(6n)).toThrow('0/6 is confirmed but was not delivered');
    progress.confirm(5n);
    progress.confirm(1n);
    expect(progress.confirmed).toBe(5n);
  });

  it('never claims more than what is safe, and never goes back', () => {
    type Step = { readonly what: 'commit' | 'half' | 'pass' | 'confirm'; readonly of: number };
    const step: fc.Arbitrary<Step> = fc.record({
      what: fc.constantFrom('commit', 'half', 'pass', 'confirm'),
      of: fc.nat(5),
    });
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const progress = new Progress(0n);
        let lsn = 0n;
        let isInside = false;
        const unconfirmed: bigint[] = [];
        let before = 0n;
        for (const { what, of } of steps) {
          lsn += 10n;
          if (what === 'half' && !isInside) progress.deliver(begin);
          if (what === 'half') isInside = true;
          if (what === 'commit') {
            if (!isInside) progress.deliver(begin);
            isInside = false;
            progress.deliver(commit(lsn));
            unconfirmed.push(lsn);
          }
          if (what === 'pass' && !isInside) progress.pass(lsn);
          if (what === 'confirm') for (const one of unconfirmed.splice(0, of)) progress.confirm(one);
          const limit = unconfirmed[0] ?? 2n ** 60n;
          expect(progress.confirmed).toBeLessThan(limit);
          expect(progress.confirmed >= before).toBe(true);
          before = progress.confirmed;
        }
      }),
    );
  });
});
