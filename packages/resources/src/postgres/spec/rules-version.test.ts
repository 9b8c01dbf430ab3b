import { formatIssues } from '../../api/index.ts';
import { versionRules, type DatabaseSpec } from './index.ts';

const spec = (more: Partial<DatabaseSpec>): DatabaseSpec => ({
  database_name: 'shop',
  nodes: [{ name: 'n1', host_ids: ['host-1'] }],
  ...more,
});
const oauth = ['host all all all reject', 'host all all all oauth issuer=https://x scope=y'];

test('a method that came later is refused with its place, once', () => {
  const nodes = ['n1', 'n2'].map((name) => ({ name, host_ids: ['host-1'] }));
  expect(formatIssues(versionRules(spec({ postgres_version: '17.6', pg_hba_conf: oauth, nodes })))).toBe(
    'pg_hba_conf[1]: auth method "oauth" needs Postgres 18 or later',
  );
  const own = [{ name: 'n1', host_ids: ['host-1'], pg_hba_conf: oauth, postgres_version: '15.4' }];
  expect(formatIssues(versionRules(spec({ postgres_version: '18.1', nodes: own })))).toMatch(
    /^nodes\[0\]\.pg_hba_conf/,
  );
});

test('where it is known it is taken', () => {
  expect(versionRules(spec({ postgres_version: '18.1', pg_hba_conf: oauth }))).toEqual([]);
  expect(versionRules(spec({ postgres_version: '15.1', pg_hba_conf: ['# oauth', 'local all all peer'] }))).toEqual([]);
});
