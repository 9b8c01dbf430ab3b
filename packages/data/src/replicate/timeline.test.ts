import { leftAt } from './timeline.ts';

const HISTORY = '1\t0/3000148\tno recovery target specified\n\n2\tA/5000028\tbefore 2026-11-26 14:00:00+00\n';

it('knows where a timeline was left', () => {
  expect(leftAt(HISTORY, 1)).toBe(0x3000148n);
  expect(leftAt(HISTORY, 2)).toBe(0xa_0500_0028n);
});

it('says that a peer was restored to before what we know of it', () => {
  expect(() => leftAt(HISTORY, 3)).toThrow(expect.objectContaining({ code: 'slot_lost' }));
});
