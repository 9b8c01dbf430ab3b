import * as corpus from './hostile-corpus.ts';
import { formatPath } from '../../api/index.ts';
import { loadSqlParser, makeScramVerifier, matchesScramVerifier, validateSpec, type DatabaseSpec } from './index.ts';

type Input = Record<string, unknown>;
const base = { database_name: 'shop', nodes: [{ name: 'n1', host_ids: ['host-1'] }] };
const shown = (value: unknown): string => (JSON.stringify(value) ?? String(value)).slice(0, 60);
const named = (values: readonly unknown[]) => values.map((value, i) => [`${i} ${shown(value)}`, value] as const);
const fromJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

function accepted(more: Input): DatabaseSpec {
  const result = validateSpec({ ...base, ...more });
  if ('issues' in result) throw new Error(result.issues.map((issue) => issue.message).join());
  return result.spec;
}
function refusedAt(more: Input): string {
  const result = validateSpec({ ...base, ...more });
  return 'issues' in result ? formatPath(result.issues[0]!.path) : 'accepted';
}
/** A map with one own key, also when that is `__proto__`. */
const map = (key: string, value: unknown): unknown => Object.defineProperty({}, key, { value, enumerable: true });

beforeAll(loadSqlParser);

it('the corpus is large enough', () => {
  const sizes = Object.values(corpus).map((list) => list.length);
  expect(sizes.reduce((a, b) => a + b, 0)).toBeGreaterThanOrEqual(300);
});

describe('names', () => {
  it.each(named(corpus.ODD_NAMES))('%s arrives unchanged', (_, name) => {
    const users = [{ username: name }, { username: 'its member', roles: [name] }];
    const spec = accepted({ database_name: name, database_users: users });
    expect(spec).toEqual({ ...base, database_name: name, database_users: users });
  });
  it.each(named(corpus.BAD_NAMES))('%s is refused', (_, name) => {
    expect(refusedAt({ database_name: name })).toBe('database_name');
    expect(refusedAt({ database_users: [{ username: name }] })).toBe('database_users[0].username');
    expect(refusedAt({ database_users: [{ username: 'a', roles: [name] }] })).toBe('database_users[0].roles[0]');
  });
  it.each(named(corpus.RESERVED_NAMES))('%s is reserved', (_, name) => {
    expect(refusedAt({ database_users: [{ username: name }] })).toBe('database_users[0].username');
  });
  it.each(named([...corpus.ODD_NAMES, ...corpus.BAD_NAMES].filter((name) => !/^[A-Za-z]*$/.test(name) || name === '')))(
    '%s is no attribute and no id',
    (_, name) => {
      expect(refusedAt({ database_users: [{ username: 'a', attributes: [name] }] })).toBe(
        'database_users[0].attributes[0]',
      );
      if (!['0', '1e3'].includes(name as string))
        expect(refusedAt({ nodes: [{ name: 'n1', host_ids: [name] }] })).toBe('nodes[0].host_ids[0]');
      expect(refusedAt({ nodes: [{ name, host_ids: ['a'] }] })).toBe('nodes[0].name');
    },
  );
  it.each(['LOGIN; DROP ROLE x', 'superuser ', 'LOGİN', 'PASSWORD', "VALID UNTIL 'infinity'", 'ſuperuser'])(
    'attribute %j is refused',
    (attribute) => {
      expect(refusedAt({ database_users: [{ username: 'a', attributes: [attribute] }] })).toBe(
        'database_users[0].attributes[0]',
      );
    },
  );
});

describe('passwords', () => {
  it.each(named(corpus.ODD_PASSWORDS))('%s arrives unchanged and has a verifier', (_, password) => {
    const spec = accepted({ database_users: [{ username: 'a', password }] });
    expect(spec.database_users?.[0]?.password).toBe(password);
    expect(matchesScramVerifier(password as string, makeScramVerifier(password as string, { iterations: 2 }))).toBe(
      true,
    );
  });
  it.each(named(corpus.BAD_PASSWORDS))('%s is refused and not repeated', (_, password) => {
    expect(refusedAt({ database_users: [{ username: 'a', password }] })).toBe('database_users[0].password');
  });
});

describe('settings', () => {
  it.each(named(corpus.BAD_SETTINGS))('%s is refused', (_, key) => {
    expect(refusedAt({ postgresql_conf: map(key as string, 'x') })).toMatch(/^postgresql_conf/);
    expect(refusedAt({ nodes: [{ ...base.nodes[0], postgresql_conf: map(key as string, 'x') }] })).toMatch(
      /^nodes\[0\]\.postgresql_conf/,
    );
  });
  it.each(named(corpus.ODD_VALUES))('value %s arrives unchanged', (_, value) => {
    expect(accepted({ postgresql_conf: { 'my.setting': value } }).postgresql_conf).toEqual({ 'my.setting': value });
  });
  it.each(named(corpus.BAD_VALUES))('value %s is refused', (_, value) => {
    expect(refusedAt({ postgresql_conf: { work_mem: value } })).toMatch(/^postgresql_conf\[work_mem\]/);
  });
  it('the same setting twice is refused', () =>
    expect(refusedAt({ postgresql_conf: { work_mem: '1', WORK_MEM: '2' } })).toBe('postgresql_conf'));
});

describe('access rules, paths and labels', () => {
  it.each(named(corpus.BAD_HBA))('hba %s is refused', (_, line) => {
    expect(refusedAt({ pg_hba_conf: ['# fine', line] })).toBe('pg_hba_conf[1]');
  });
  it.each(named(corpus.BAD_PATHS))('path %s is refused', (_, path) => {
    const volume = (more: Input) => ({
      orchestrator_opts: { swarm: { extra_volumes: [{ host_path: '/a', destination_path: '/b', ...more }] } },
    });
    expect(refusedAt(volume({ host_path: path }))).toMatch(/extra_volumes\[0\]\.host_path$/);
    expect(refusedAt(volume({ destination_path: path }))).toMatch(/extra_volumes\[0\]\.destination_path$/);
  });
  it.each(named(corpus.BAD_LABELS))('label %s is refused', (_, key) => {
    expect(refusedAt({ orchestrator_opts: { swarm: { extra_labels: map(key as string, 'x') } } })).toMatch(
      /extra_labels/,
    );
  });
  it.each(['constructor', 'toString', 'hasOwnProperty', '__proto__', 'nodes ', 'Nodes', 'DATABASE_NAME', ''])(
    'field %j is unknown',
    (key) => {
      expect(refusedAt(fromJson(map(key, 1)) as Input)).not.toBe('accepted');
      expect(validateSpec({ ...base, nodes: [Object.assign(map(key, 1) as object, base.nodes[0])] })).toHaveProperty(
        'issues',
      );
    },
  );
});
