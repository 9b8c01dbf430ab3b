import { transaction } from '../testing/replicate/fakes.ts';
import { HandedOn } from './handed-on.ts';

const kinds = (events: readonly { kind: string }[]): string => events.map(({ kind }) => kind).join(' ');

it('leaves out a whole transaction, also one that comes in parts, and nothing else', () => {
  const handedOn = new HandedOn(new Set([200n]));
  const [first = [], second = [], third = []] = [100n, 200n, 300n].map((lsn) => transaction(lsn));
  expect(kinds(handedOn.pass([...first, ...second.slice(0, 2)]))).toBe('begin insert commit');
  expect(kinds(handedOn.pass([...second.slice(1), ...third]))).toBe('begin insert commit');
});

it('knows the first that is not committed, and the last that wrote something', () => {
  const handedOn = new HandedOn(new Set());
  const [begin, , commit] = transaction(200n);
  if (begin && commit) handedOn.pass([...transaction(100n), begin, commit, ...transaction(300n)]);
  expect(handedOn.firstAfter(0n)).toBe(100n);
  expect(handedOn.firstAfter(110n)).toBe(200n);
  expect(handedOn.firstAfter(210n)).toBe(300n);
  expect(handedOn.lastWritten(210n)).toBe(100n);
  expect(handedOn.firstAfter(310n)).toBeUndefined();
  expect(handedOn.lastWritten(310n)).toBe(300n);
});
