import { toStatus } from './sample-archiving.ts';

const at = (second: number): Date => new Date(Date.UTC(2026, 0, 1, 0, 0, second));
const counts = { failed: '3', waiting: '2' };

describe('the status of archiving', () => {
  it('is fine when the last attempt worked', () => {
    expect(toStatus({ ...counts, archived: at(9), failed_at: at(5) })).toEqual({
      waiting: 2,
      failed: 3,
      lastArchivedAt: at(9).toISOString(),
    });
  });
  it('fails since the last attempt that worked', () => {
    expect(toStatus({ ...counts, archived: at(3), failed_at: at(5) }).failingSince).toBe(at(3).toISOString());
    expect(toStatus({ ...counts, archived: null, failed_at: at(5) }).failingSince).toBe(at(5).toISOString());
  });
});
