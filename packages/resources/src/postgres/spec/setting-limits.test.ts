import { formatIssues } from '../../api/issues.ts';
import { limitIssues } from './setting-limits.ts';

const problems = (settings: Record<string, string | number | boolean>): string =>
  formatIssues(limitIssues(settings, ['nodes', 0, 'postgresql_conf']));

describe('limitIssues', () => {
  it.each([
    [{ max_connections: 12 }, 'nodes[0].postgresql_conf[max_connections]: must be a whole number of at least 25'],
    [{ max_replication_slots: '2' }, 'max_replication_slots]: must be a whole number of at least 4'],
    [{ Max_WAL_Senders: 2 }, 'Max_WAL_Senders]: must be a whole number of at least 3'],
    [{ max_locks_per_transaction: 31 }, 'at least 32'],
    [{ max_worker_processes: 1 }, 'at least 2'],
    [{ max_connections: '0x64' }, 'must be a whole number'],
    [{ max_connections: '1e2' }, 'must be a whole number'],
    [{ max_connections: 99.5 }, 'must be a whole number'],
    [{ track_commit_timestamp: 'maybe' }, 'must be "on" or "off"'],
  ])('refuses %j, which Patroni would replace', (settings, message) => {
    expect(problems(settings)).toContain(message);
  });
  it('takes everything else', () => {
    const settings = {
      max_connections: 25,
      max_prepared_transactions: 0,
      track_commit_timestamp: false,
      work_mem: 'x',
    };
    expect(problems(settings)).toBe('');
  });
});
