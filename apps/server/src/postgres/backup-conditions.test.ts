import type { StoredSpec } from '@windlass/resources/postgres/spec';
import { backupConditions } from './backup-conditions.ts';
import { toBackupStatus, type NodeBackups } from './backup-status.ts';
import type { DatabaseRecord, InstanceStatus, ScheduleRun } from '@windlass/resources/postgres/records';

const NOW = new Date('2026-02-01T12:00:00Z');
const at = (time: string): string => `2026-02-01T${time}.000Z`;
const stored: StoredSpec = {
  passwordVersions: {},
  spec: {
    database_name: 'shop',
    nodes: [{ name: 'n1', host_ids: ['host-1'] }],
    backup_config: {
      repositories: [{ type: 'posix', base_path: '/b' }],
      schedules: [{ id: 'hourly', type: 'incr', cron_expression: '0 * * * *' }],
    },
  },
};
const record: DatabaseRecord = { id: 'shop', createdAt: at('10:30:00'), updatedAt: at('10:30:00'), state: 'available' };
const run = (more: Partial<ScheduleRun>): NodeBackups['runs'] =>
  new Map([
    [
      'hourly',
      {
        databaseId: 'shop',
        nodeName: 'n1',
        scheduleId: 'hourly',
        outcome: 'completed',
        endedAt: at('11:00:09'),
        ...more,
      },
    ],
  ]);
const backups = (more: Partial<NodeBackups> = {}): NodeBackups => ({
  nodeName: 'n1',
  catalogue: undefined,
  runs: run({}),
  checks: new Map(),
  ...more,
});
const instance = (more: Partial<InstanceStatus>): InstanceStatus => ({
  instanceId: 'i', databaseId: 'shop', nodeName: 'n1', hostId: 'h', createdAt: '', sampledAt: '', container: 'running',
  writable: true, addresses: [], ...more,
}); // prettier-ignore
const conditions = (
  one: NodeBackups,
  statuses: InstanceStatus[] = [instance({})],
  more: Partial<DatabaseRecord> = {},
) => backupConditions({ ...record, ...more }, stored, [one], statuses, NOW);
const oneBackup = (more: object = {}) => ({
  label: 'L', type: 'full' as const, repository: 1, startedAt: at('11:00:00'), finishedAt: at('11:00:05'), databaseBytes: 1,
  copiedBytes: 1, storedBytes: 1, walStart: '', walStop: '', lsnStart: '', lsnStop: '', annotations: {}, needs: [],
  encrypted: false, damaged: false, ...more,
}); // prettier-ignore

describe('conditions of backups', () => {
  it('none while all is well', () => {
    expect(conditions(backups())).toEqual([]);
  });
  it.each([
    ['failed', 'backup_failed', /failed: no space/],
    ['missed', 'backup_missed', /was missed: no space/],
  ] as const)('a %s run', (outcome, type, message) => {
    const runs = run({ outcome, error: 'no space', failingSince: at('09:00:00') });
    const [condition] = conditions(backups({ runs }));
    expect(condition).toMatchObject({ type, node_name: 'n1', since: '2026-02-01T09:00:00Z' });
    expect(condition?.message).toMatch(message);
  });
  it('a scheduled verification that failed or was missed', () => {
    const verify = { id: 'hourly', type: 'verify' as const, cron_expression: '0 * * * *' };
    const proof = {
      ...stored.spec,
      backup_config: { repositories: [{ type: 'posix' as const }], schedules: [verify] },
    };
    const found = (more: Partial<ScheduleRun>) =>
      backupConditions(record, { ...stored, spec: proof }, [backups({ runs: run(more) })], [instance({})], NOW);
    expect(found({})).toEqual([]);
    expect(found({ outcome: 'failed', error: 'damaged' })).toMatchObject([{ type: 'verification_failed' }]);
    expect(found({ outcome: 'missed', error: 'busy' })).toMatchObject([{ type: 'verification_missed' }]);
    expect(found({ endedAt: at('10:00:00') })).toMatchObject([{ type: 'verification_missed' }]);
  });
  it('a run nothing was heard of, also when it never ran', () => {
    expect(conditions(backups({ runs: run({ endedAt: at('10:00:00') }) }))).toMatchObject([
      { type: 'backup_missed', since: '2026-02-01T11:00:00Z' },
    ]);
    expect(conditions(backups({ runs: new Map() }))).toMatchObject([{ type: 'backup_missed' }]);
    expect(conditions(backups({ runs: new Map() }), [], { updatedAt: at('11:30:00') })).toEqual([]);
  });
  it('not of a node that is stopped', () => {
    expect(conditions(backups({ runs: new Map() }), [instance({})], { stoppedInstances: ['i'] })).toEqual([]);
  });
  it('archiving that fails for long', () => {
    const failing = (since: string) => instance({ archiving: { waiting: 3, failed: 5, failingSince: at(since) } });
    expect(conditions(backups(), [failing('11:50:00')])).toMatchObject([{ type: 'archiving_failing' }]);
    expect(conditions(backups(), [failing('11:59:30')])).toEqual([]);
  });
  it('a repository that cannot be used, a backup that cannot be restored', () => {
    const catalogue = { readAt: '', backups: [oneBackup()], repositories: [{ position: 2, problem: 'refused' }] };
    const checks = new Map([['1/L', { checkedAt: at('11:30:00'), verified: false, error: 'a file is damaged' }]]);
    expect(conditions(backups({ catalogue, checks }))).toMatchObject([
      { type: 'backup_repository_unusable', message: 'repository 2: refused' },
      { type: 'backup_damaged', message: 'a file is damaged' },
    ]);
  });
});

describe('a verification that proved nothing', () => {
  const catalogue = { readAt: '', repositories: [], backups: [oneBackup()] };
  const checked = (check: object) =>
    backups({ catalogue, checks: new Map([['1/L', { checkedAt: at('11:30:00'), error: 'no space', ...check }]]) });
  it('is a condition of its own, and the backup is the newest good one all the same', () => {
    expect(conditions(checked({}))).toMatchObject([{ type: 'backup_not_verified', message: 'no space' }]);
    expect(toBackupStatus(checked({}), stored, [], NOW).last_backup).toBe('L');
  });
  it('is told from the records of earlier versions, which know only damage', () => {
    expect(conditions(checked({ verified: false }))).toMatchObject([{ type: 'backup_damaged' }]);
  });
});

describe('the status of backups', () => {
  it('tells the newest good one, the window and the next runs', () => {
    const catalogue = {
      readAt: '',
      repositories: [],
      backups: [oneBackup(), oneBackup({ label: 'BAD', finishedAt: at('11:30:00'), damaged: true })],
    };
    const archiving = { waiting: 0, failed: 0, lastArchivedAt: at('11:59:00'), archivedUntil: at('11:50:00') };
    expect(toBackupStatus(backups({ catalogue }), stored, [instance({ archiving })], NOW)).toEqual({
      node_name: 'n1',
      last_backup: 'L',
      last_backup_at: '2026-02-01T11:00:05Z',
      last_backup_age_seconds: 3595,
      earliest_restorable: '2026-02-01T11:00:05Z',
      latest_restorable: '2026-02-01T11:50:00Z',
      archiving: { last_archived_at: '2026-02-01T11:59:00Z', lag_seconds: 60, waiting_segments: 0, failed: 0 },
      schedules: [
        {
          id: 'hourly',
          type: 'incr',
          last_run_at: '2026-02-01T11:00:09Z',
          last_outcome: 'completed',
          next_runs: ['2026-02-01T13:00:00Z', '2026-02-01T14:00:00Z', '2026-02-01T15:00:00Z'],
        },
      ],
    });
  });
});
