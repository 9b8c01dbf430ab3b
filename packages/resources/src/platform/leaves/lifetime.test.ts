import { z } from 'zod';
import { createCa, createCertificates } from '../clients/certificates.ts';
import { LeafBook } from './leaf-book.ts';
import { hasEnded, isDue, leafTimes, lifetimeSettings, lookAgainMs } from './lifetime.ts';

const parse = (text?: string) => z.object(lifetimeSettings).safeParse({ WINDLASS_CERTIFICATE_LIFETIME: text });
const DAY = 86_400_000;

test.each([
  ['60s', 60_000],
  ['12h', DAY / 2],
  ['90d', 90 * DAY],
  [undefined, undefined],
])('%s is %s ms', (text, ms) => {
  expect(parse(text)).toMatchObject({ success: true, data: { WINDLASS_CERTIFICATE_LIFETIME: ms } });
});

test.each(['60', '90 d', '1w', '29s', '826d', '-5m'])('%s is refused, and what would be right is said', (text) => {
  expect(parse(text).error?.issues[0]?.message).toMatch(/60s, 12h or 90d|between 30s and 825d/);
});

test.each([
  [60_000, 5000],
  [90 * DAY, 600_000],
])('a certificate of %s ms is looked at every %s ms, and renewed when a third is left', async (ms, pause) => {
  const ca = await createCa('test');
  const { certPem } = await createCertificates(() => Promise.resolve(ca), ms).issue({
    commonName: 'x',
    names: [],
    days: 90,
  });
  const times = leafTimes(certPem);
  if (!times) throw new Error('it is none');
  expect(Math.abs(times.lifetimeMs - ms)).toBeLessThan(2000);
  expect(lookAgainMs([undefined, times])).toBeCloseTo(pause, -3);
  const at = (left: number): number => times.ends.getTime() - ms * left;
  expect([1, 0.45].map((left) => isDue(times, at(left)))).toEqual([false, false]);
  expect([0.38, 0.1, -1].map((left) => isDue(times, at(left)))).toEqual([true, true, true]);
  // Whoever looked when it was not due yet looks again before less than a third is left.
  expect(isDue(times, at(5 / 12 + 1 / 60) + lookAgainMs([times]))).toBe(ms === 60_000);
  expect([hasEnded(times, at(0.01)), hasEnded(times, at(0))]).toEqual([false, true]);
});

test('what has ended is named with whose it was and when that was', () => {
  const book = new LeafBook();
  const times = { ends: new Date('2026-01-01T00:00:00Z'), lifetimeMs: DAY };
  book.note('host-1 for etcd', () => times);
  book.note('instance shop-n1-a on host-1', () => undefined);
  expect(book.ended(times.ends.getTime() - 1)).toEqual([]);
  expect(book.ended(times.ends.getTime())).toEqual([
    'the certificate of host-1 for etcd ended at 2026-01-01T00:00:00.000Z',
  ]);
  expect(book.ends()).toEqual({ 'host-1 for etcd': '2026-01-01T00:00:00.000Z' });
  book.forget('host-1 for etcd');
  expect(book.leaves()).toEqual([]);
});

test('what is no certificate has no times', () => {
  expect([leafTimes(undefined), leafTimes('hello')]).toEqual([undefined, undefined]);
});
