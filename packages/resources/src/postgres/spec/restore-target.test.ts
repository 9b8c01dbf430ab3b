import { parseRestoreOptions, timeOf } from './restore-target.ts';

const choice = (options: Record<string, string>) => {
  const parsed = parseRestoreOptions(options);
  return 'choice' in parsed ? parsed.choice : parsed.issues.map((i) => `${i.option}: ${i.message}`);
};

describe('restore_options', () => {
  it('nothing given means: the latest backup, and all that is archived', () => {
    expect(choice({})).toEqual({ target: { type: 'default' }, passed: {} });
    expect(choice({ set: 'latest' })).toEqual({ target: { type: 'default' }, passed: {} });
  });

  it.each([
    ['2026-01-31 12:00:00', '2026-01-31 12:00:00+00'],
    ['2026-01-31T12:00:00Z', '2026-01-31 12:00:00+00'],
    ['2026-01-31 12:00:00.123456+02', '2026-01-31 12:00:00.123456+02'],
    ['2026-01-31T12:00:00-05:30', '2026-01-31 12:00:00-05:30'],
  ])('the time %s becomes %s', (target, value) => {
    expect(choice({ type: 'time', target })).toMatchObject({ target: { type: 'time', value } });
  });

  it('a time is the same instant whatever its zone', () => {
    expect(timeOf('2026-01-31 12:00:00+02')).toBe(Date.parse('2026-01-31T10:00:00Z'));
    expect(timeOf('2026-01-31 12:00:00')).toBe(Date.parse('2026-01-31T12:00:00Z'));
    expect(timeOf('2026-01-31 12:00:00-0530')).toBe(Date.parse('2026-01-31T17:30:00Z'));
  });

  it('position, transaction, name, backup, timeline and what pgBackRest gets', () => {
    expect(choice({ type: 'lsn', target: '0/3000060', 'target-exclusive': 'y' })).toMatchObject({
      target: { type: 'lsn', value: '0/3000060', exclusive: true },
    });
    expect(choice({ type: 'xid', target: '742', 'target-timeline': '3' })).toMatchObject({
      target: { type: 'xid', value: '742', timeline: 3 },
    });
    expect(choice({ type: 'name', target: 'before it', set: '20260131-020000F_20260131-030000I' })).toMatchObject({
      set: '20260131-020000F_20260131-030000I',
    });
    expect(choice({ 'process-max': '3', delta: 'y', 'target-action': 'promote' })).toEqual({
      target: { type: 'default' },
      passed: { 'process-max': '3' },
    });
  });

  it.each([
    [{ type: 'time' }, 'target: is required for the type "time"'],
    [{ target: '0/1' }, 'target: needs a type: one of time, lsn, xid, name'],
    [{ type: 'time', target: 'yesterday' }, 'target: must be a time such as "2026-01-31 12:00:00+00"'],
    [{ type: 'time', target: '2026-13-31 12:00:00' }, 'target: is no time'],
    [{ type: 'standby' }, 'type: must be one of "default", "immediate", "time", "lsn", "xid", "name"'],
    [{ 'target-action': 'pause' }, 'target-action: must be "promote": a restored database takes writes'],
    [{ 'repo1-path': '/elsewhere' }, 'repo1-path: is not an option of a restore that can be set'],
    [{ set: 'F; rm -rf /' }, 'set: must be the label of a backup, such as "20260131-020000F"'],
    [{ type: 'name', target: "x'\n" }, 'target: must be 1 to 64 characters long'],
    [{ 'target-exclusive': 'y' }, 'target-exclusive: needs the type "time", "lsn" or "xid"'],
  ])('%j is refused: %s', (options, message) => {
    expect(choice(options as unknown as Record<string, string>)).toEqual([message]);
  });
});
