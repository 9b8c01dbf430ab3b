import { formatIssues } from '../../api/index.ts';
import { loadSqlParser, validateSpec } from './index.ts';

const spec = (more: object = {}) => ({ database_name: 'shop', nodes: [{ name: 'n1', host_ids: ['host-1'] }], ...more });
const problems = (input: unknown): string => {
  const result = validateSpec(input);
  return 'issues' in result ? formatIssues(result.issues) : '';
};

beforeAll(loadSqlParser);

describe('validateSpec', () => {
  it.each([
    [spec(), ''],
    [
      spec({ scripts: { post_init: ['SELEC 1'] } }),
      'scripts.post_init[0]: failed to parse SQL statement: syntax error at or near "SELEC"',
    ],
    [spec({ prot: 1 }), 'prot: unknown field; did you mean "port"?'],
    [
      { ...spec(), nodes: [{ name: 'n1', host_id: ['host-1'], host_ids: ['host-1'] }] },
      'nodes[0].host_id: unknown field; did you mean "host_ids"?',
    ],
    [{ nodes: [{ name: 'n1', host_ids: ['host-1'] }] }, 'database_name: is required'],
    [
      spec({ postgresql_conf: { hba_file: 'x' } }),
      'postgresql_conf[hba_file]: "hba_file" is not allowed: it overrides the control-plane-managed setting',
    ],
    [
      spec({ postgresql_conf: { work_mem: null } }),
      'postgresql_conf[work_mem]: must be a string, a number or a boolean',
    ],
    [spec({ postgresql_conf: { work_mem: 'a\nb' } }), 'postgresql_conf[work_mem]: must not contain a line break'],
    [
      spec({ pg_hba_conf: ['hosts all all all md5'] }),
      'pg_hba_conf[0]: invalid pg_hba entry "hosts all all all md5": unknown connection type "hosts"',
    ],
    [spec({ port: 70000 }), 'port: must be a whole number from 0 to 65535'],
    [spec({ port: 'x' }), 'port: must be a whole number from 0 to 65535'],
    [spec({ nodes: [] }), 'nodes: must have at least 1 item'],
    [7, 'must be an object'],
    [spec({ port: null, services: null }), ''],
  ])('%j', (input, expected) => {
    expect(problems(input)).toBe(expected);
  });
});
