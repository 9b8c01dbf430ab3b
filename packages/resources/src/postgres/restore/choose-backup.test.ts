import { timelineAt } from '../spec/timeline-at.ts';
import { chooseBackup, type ListedBackup, type Repository } from './choose-backup.ts';
import { readRepository } from './read-repository.ts';

const backup = (label: string, at: string, lsnStop: string, timeline = 1): ListedBackup => ({
  label,
  stoppedAt: Date.parse(at),
  lsnStop,
  timeline,
  bytes: 1000,
});
const night = backup('20260131-020000F', '2026-01-31T02:00:00Z', '0/2000120');
const noon = backup('20260131-120000F', '2026-01-31T12:00:00Z', '0/5000120');
const repository: Repository = { backups: [night, noon] };
const time = (value: string, timeline?: number) => ({
  target: { type: 'time' as const, value, ...(timeline !== undefined && { timeline }) },
});
const chosen = (from: Repository, wish: Parameters<typeof chooseBackup>[1]) =>
  chooseBackup(from, wish, 'repository').label;

describe('which backup is restored', () => {
  it('the newest that was finished before the target', () => {
    expect(chosen(repository, { target: { type: 'default' } })).toBe(noon.label);
    expect(chosen(repository, time('2026-01-31 12:00:01+00'))).toBe(noon.label);
    expect(chosen(repository, time('2026-01-31 12:00:00+00'))).toBe(night.label);
    expect(chosen(repository, { target: { type: 'lsn', value: '0/4FFFFFF' } })).toBe(night.label);
    expect(chosen(repository, { target: { type: 'lsn', value: '0/5000120' } })).toBe(noon.label);
    expect(chosen(repository, { target: { type: 'immediate' }, set: night.label })).toBe(night.label);
  });

  it('says what would be right when none fits', () => {
    const why =
      (wish: Parameters<typeof chooseBackup>[1], from = repository) =>
      () =>
        chosen(from, wish);
    expect(why(time('2026-01-30 12:00:00+00'))).toThrow('reaches back to 2026-01-31T02:00:00.000Z');
    expect(why({ target: { type: 'default' }, set: '20250101-000000F' })).toThrow(
      "has no backup '20250101-000000F'; it has '20260131-020000F', '20260131-120000F'",
    );
    expect(why({ target: { type: 'default' } }, { backups: [] })).toThrow('has no backup');
    expect(why(time('2026-01-31 13:00:00+00', 7))).toThrow('knows no timeline 7');
  });

  it('never one of a branch that was left: after a restore to 03:00 the backup of noon leads nowhere', () => {
    const history = { timeline: 2, ancestors: [{ timeline: 1, until: '0/3000000' }] };
    expect(chosen({ ...repository, history }, time('2026-01-31 15:00:00+00'))).toBe(night.label);
    expect(chosen({ ...repository, history }, time('2026-01-31 15:00:00+00', 1))).toBe(noon.label);
    const evening = backup('20260131-180000F', '2026-01-31T18:00:00Z', '0/4000000', 2);
    expect(chosen({ backups: [night, noon, evening], history }, { target: { type: 'default' } })).toBe(evening.label);
  });
});

describe('backups of a former database of the id', () => {
  const former = { ...night, formerArchive: '17-1' };
  it('are chosen by name only, and then among themselves', () => {
    const both: Repository = { backups: [former, noon] };
    expect(chosen(both, { target: { type: 'default' } })).toBe(noon.label);
    expect(chooseBackup(both, { target: { type: 'default' }, set: night.label }, 'repository')).toMatchObject({
      label: night.label,
      former: true,
    });
  });
  it('are named where nothing else fits', () => {
    const hint = "those of a former database of this id are restored when one is named with 'set': '20260131-020000F'";
    expect(() => chosen({ backups: [former] }, { target: { type: 'default' } })).toThrow(hint);
    expect(() => chosen({ backups: [former, noon] }, time('2026-01-31 11:00:00+00'))).toThrow(hint);
  });
});

describe('which timeline is followed', () => {
  const changes = [
    { at: '2026-01-31T14:00:00.000Z', fromTimeline: 1 },
    { at: '2026-01-31T16:00:00.000Z', fromTimeline: 3 },
  ];
  it('the one the node was on at that time, whatever was restored since', () => {
    expect(timelineAt(time('2026-01-31 13:59:59+00').target, changes)).toBe(1);
    expect(timelineAt(time('2026-01-31 15:00:00+00').target, changes)).toBe(3);
    expect(timelineAt(time('2026-01-31 17:00:00+00').target, changes)).toBeUndefined();
  });
  it('the one asked for; the latest where no time is given', () => {
    expect(timelineAt(time('2026-01-31 13:00:00+00', 2).target, changes)).toBe(2);
    expect(timelineAt({ type: 'default' }, changes)).toBeUndefined();
  });
});

describe('what pgBackRest says of a repository', () => {
  const info = (backups: readonly unknown[]) =>
    JSON.stringify([
      {
        status: { code: 0, message: 'ok' },
        db: [
          { id: 1, 'system-id': 1, version: '15' },
          { id: 2, 'system-id': 2, version: '17' },
          { id: 3, 'system-id': 1, version: '15' },
          { id: 4, 'system-id': 2, version: '17' },
        ],
        backup: backups,
      },
    ]);
  const one = (label: string, id: number) => ({
    label,
    archive: { start: '0000000A0000000000000002', stop: '0000000A0000000000000003' },
    database: { id },
    info: { size: 31_100_987 },
    lsn: { start: '0/2000028', stop: '0/3000120' },
    timestamp: { start: 1_795_250_865, stop: 1_795_250_867 },
  });

  const common = { stoppedAt: 1_795_250_867_000, lsnStop: '0/3000120', timeline: 10, bytes: 31_100_987 };
  it('backups with their timeline, those of a former cluster told apart by its newest archive, and the history', () => {
    const said = `${info([one('old', 1), one('new', 2)])}\nhistory 0000000B.history\n10\t0/5000000\tno recovery target\n`;
    expect(readRepository(said)).toEqual({
      backups: [
        { label: 'old', ...common, formerArchive: '15-3' },
        { label: 'new', ...common },
      ],
      postgresMajor: 17,
      history: { timeline: 11, ancestors: [{ timeline: 10, until: '0/5000000' }] },
    });
  });

  it('a stanza that is not there has nothing', () => {
    const missing = '[{"backup":[],"db":[],"name":"db","status":{"code":1,"message":"missing stanza path"}}]';
    expect(readRepository(missing)).toEqual({ backups: [] });
    expect(() => readRepository('no json')).toThrow('does not say');
  });

  it('a repository that cannot be read says why, with what an object store answered', () => {
    const problem = (message: string): string | undefined =>
      readRepository(JSON.stringify([{ backup: [], repo: [{ key: 1, status: { code: 99, message } }] }])).problem;
    const answer = '<?xml version="1.0"?><Error><Code>InvalidAccessKeyId</Code><Message>No such key.</Message></Error>';
    expect(
      problem(`[ProtocolError] HTTP request failed with 403 (Forbidden):\n*** Response Content ***:\n${answer}`),
    ).toBe('HTTP request failed with 403 (Forbidden): No such key.');
    expect(problem("[HostConnectError] unable to connect to 's3:443': [111] Connection refused\n  on 7 retries")).toBe(
      "unable to connect to 's3:443': [111] Connection refused",
    );
    const garbled = problem(
      "[FormatError] unable to load info file 'backup.info':\nFormatError: key/value found: \u0001~\n",
    );
    expect(garbled).toMatch(/^unable to load info file 'backup.info': it is damaged, or encrypted/);
  });

  it('bytes that are no JSON do not keep it from being understood', () => {
    const said = '[{"repo":[{"status":{"code":99,"message":"[FormatError] no key: \u0003\f~"}}]}]';
    expect(readRepository(said).problem).toMatch(/^no key: /);
  });
});
