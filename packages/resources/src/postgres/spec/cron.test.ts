import { cronRefusal, nextRuns } from './cron.ts';

describe('timetables', () => {
  it.each(['0 2 * * *', '*/5 * * * *', '0 2 * * MON-FRI', '15,45 0-6/2 1 jan,JUL *', '0 0 * * 0'])(
    '%s is fine',
    (text) => {
      expect(cronRefusal(text)).toBeUndefined();
    },
  );
  it.each([
    ['', /five fields/],
    ['* * * * * *', /five fields/],
    ['@daily', /five fields/],
    ['61 * * * *', /invalid value for minute: 61/],
    ['0 2 L * *', /no number/],
    ['0 2 1W * *', /no number/],
    ['0 2 * * 1#2', /no number/],
    ['0 2 1 * 1', /two schedules/],
    ['0 2 31 2 *', /never comes/],
    ['0 2 * FOO *', /illegal/],
  ])('%s is refused', (text, why) => {
    expect(cronRefusal(text)).toMatch(why);
  });
  it('tells the next runs in UTC', () => {
    const runs = nextRuns('30 2 * * *', new Date('2026-01-31T12:00:00Z'), 3).map((date) => date.toISOString());
    expect(runs).toEqual(['2026-02-01T02:30:00.000Z', '2026-02-02T02:30:00.000Z', '2026-02-03T02:30:00.000Z']);
  });
});
