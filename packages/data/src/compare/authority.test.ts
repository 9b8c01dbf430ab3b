import { authorityOf } from './authority.ts';
import type { NodeValue } from './report.ts';

const row = (node: number, time: number): NodeValue => ({ node, hash: `of ${String(time)}`, version: { time, node } });
const tombstone = (node: number, time: number): NodeValue => ({ node, hash: null, version: { time, node } });
const nothing = (node: number): NodeValue => ({ node, hash: null });
const all = () => () => true;
const none = () => () => false;

describe('who is right about a key', () => {
  it('is the named node, whatever it has', () => {
    expect(authorityOf([row(1, 5), row(2, 9)], 1, all)).toEqual(row(1, 5));
    expect(authorityOf([row(1, 5), nothing(2)], 2, none)).toEqual(nothing(2));
    expect(authorityOf([row(1, 5)], 3, all)).toBeUndefined();
  });

  it.each([
    ['the newest row', [row(1, 5), row(2, 9), row(3, 7)], all, 2],
    ['a newer tombstone', [row(1, 5), tombstone(2, 9)], all, 2],
    ['a row newer than a tombstone', [tombstone(2, 5), row(1, 9)], all, 1],
    ['who had it and has deleted it', [nothing(1), row(2, 9), nothing(3)], all, 1],
    ['the only one, where the others never had it', [nothing(1), row(2, 9), nothing(3)], none, 2],
  ])('is %s', (_, values, applied, node) => {
    expect(authorityOf(values, 'newest', applied)?.node).toBe(node);
  });
});
