import { toStatus } from './sample-archiving.ts';

const at = (second: number): Date => new Date(Date.UTC(2026, 0, 1, 0, 0, second));
const counts = { failed: '3', waiting: '2' };

describe('the status of archiving', () => {
  it('is fine when the last attempt worked', () => {
    expect(toStatus({ ...counts, archived: at(9), ended: at(2), failed_at: at(5) })).toEqual({
      waiting: 2,
      failed: 3,
      lastArchivedAt: at(9).toISOString(),
      archivedUntil: at(2).toISOString(),
    });
  });
  it.each([
    ['2', undefined],
    ['0', at(9).toISOString()],
  ])('of a segment that is gone tells nothing while others wait (%s)', (waiting, until) => {
    const row = { ...counts, waiting, archived: at(9), ended: null, failed_at: null };
    expect(toStatus(row).archivedUntil).toBe(until);
  });
  it('fails since the last attempt that worked', () => {
    expect(toStatus({ ...counts, archived: at(3), ended: at(3), failed_at: at(5) }).failingSince).toBe(
      at(3).toISOString(),
    );
    expect(toStatus({ ...counts, archived: null, ended: null, failed_at: at(5) }).failingSince).toBe(
      at(5).toISOString(),
    );
  });
});
