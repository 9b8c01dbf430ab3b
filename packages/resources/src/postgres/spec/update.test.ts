import { applyDefaults, effectiveNode, validateUpdate, type DatabaseSpec, type Invalid } from './index.ts';
import { formatIssues } from '../../api/index.ts';

const base: DatabaseSpec = {
  database_name: 'shop',
  postgres_version: '17.6',
  nodes: [{ name: 'n1', host_ids: ['host-1'] }],
};
const ids = { databaseId: 'shop' };
const ok = (result: { spec: DatabaseSpec } | Invalid): DatabaseSpec => {
  if ('issues' in result) throw new Error(formatIssues(result.issues));
  return result.spec;
};
const bad = (result: { spec: DatabaseSpec } | Invalid): string =>
  'issues' in result ? formatIssues(result.issues) : '';
const without = <K extends keyof DatabaseSpec>(spec: DatabaseSpec, key: K): DatabaseSpec => {
  const { [key]: _, ...rest } = spec;
  return rest as DatabaseSpec;
};

describe('validateUpdate', () => {
  it('keeps versions and removes everything else that is left out', () => {
    const previous = {
      ...base,
      port: 5432,
      memory: '1GiB',
      nodes: [{ ...base.nodes[0]!, postgres_version: '17.5', cpus: '1' }],
    };
    const next = ok(validateUpdate(previous, without(base, 'postgres_version'), ids));
    expect(next).toEqual({ ...base, nodes: [{ ...base.nodes[0], postgres_version: '17.5' }] });
  });
  it('takes memory as it was shown for what is stored', () => {
    const previous = { ...base, memory: '16GiB' };
    expect(ok(validateUpdate(previous, { ...base, memory: '17GB' }, ids)).memory).toBe('16GiB');
    expect(ok(validateUpdate(previous, { ...base, memory: '18GB' }, ids)).memory).toBe('18GB');
  });
  it('keeps the secrets of the same repository', () => {
    const repository = { type: 's3' as const, s3_bucket: 'backups', s3_key: 'k', s3_key_secret: 's' };
    const previous = { ...base, backup_config: { repositories: [repository] } };
    const same = {
      ...base,
      backup_config: { repositories: [{ type: 's3' as const, s3_bucket: 'backups', s3_key_secret: 'new' }] },
    };
    expect(ok(validateUpdate(previous, same, ids)).backup_config?.repositories).toEqual([
      { ...repository, s3_key_secret: 'new' },
    ]);
    const other = { ...base, backup_config: { repositories: [{ type: 's3' as const, s3_bucket: 'elsewhere' }] } };
    expect(ok(validateUpdate(previous, other, ids)).backup_config?.repositories).toEqual(
      other.backup_config.repositories,
    );
  });
  it.each([
    [{ ...base, database_name: 'x' }, {}, 'invalid database update: database name cannot be changed'],
    [base, { tenantId: 'b', storedTenantId: 'a' }, 'invalid database update: tenant ID cannot be changed'],
    [base, { storedTenantId: 'a' }, 'invalid database update: tenant ID cannot be changed'],
    [
      { ...base, postgres_version: '18.1' },
      {},
      'invalid database update: invalid change for instance shop-n1-689qacsi: major version changed from 17 to 18',
    ],
    [
      {
        ...base,
        nodes: [...base.nodes, { name: 'n2', host_ids: ['a'] }, { name: 'n3', host_ids: ['b'], source_node: 'n2' }],
      },
      {},
      'nodes[2].source_node: source node must refer to an existing node',
    ],
    [{ ...base, postgres_version: '17.7' }, {}, ''],
    [{ ...base, postgres_version: '18.1', nodes: [{ name: 'n1', host_ids: ['host-2'] }] }, {}, ''],
  ])('%#', (next, more, text) => {
    expect(bad(validateUpdate(base, next, { ...ids, ...more }))).toBe(text);
  });
});

describe('applyDefaults', () => {
  const hosts = [
    { id: 'host-1', postgresVersions: ['18.1', '17.6', '17.10', '15.9'] },
    { id: 'host-2', postgresVersions: ['18.1', '15.9'] },
  ];
  const bare = without(base, 'postgres_version');
  it.each([
    [bare, '17.10'],
    [{ ...bare, nodes: [{ name: 'n1', host_ids: ['host-1', 'host-2'] }] }, '18.1'],
    [base, '17.6'],
  ])('%#', (spec, version) => {
    expect(ok(applyDefaults(spec, hosts))).toMatchObject({ postgres_version: version });
  });
  it.each([
    [
      { ...bare, nodes: [{ name: 'n1', host_ids: ['z', 'a'] }] },
      'failed to validate database spec: got invalid host ids: a, z',
    ],
    [
      { ...bare, postgres_version: '16.1' },
      'failed to validate database spec: host host-1 does not support version combination: postgres=16.1, spock=5',
    ],
    [
      { ...base, spock_version: '4' },
      'failed to validate database spec: host host-1 does not support version combination: postgres=17.6, spock=4',
    ],
    [
      { ...bare, nodes: [{ name: 'n1', host_ids: ['host-3'] }] },
      'failed to validate database spec: unable to find greatest common default version among specified hosts: host-3',
    ],
  ])('%#', (spec, text) => {
    expect(bad(applyDefaults(spec, [...hosts, { id: 'host-3', postgresVersions: [] }]))).toBe(text);
  });
});

describe('effectiveNode', () => {
  it('lays the node over the spec', () => {
    const spec: DatabaseSpec = {
      ...base, port: 5432, cpus: '2', memory: '1GiB', postgresql_conf: { Work_Mem: '1MB', jit: false }, pg_hba_conf: ['spec'],
      nodes: [{ name: 'n1', host_ids: ['a'], port: 0, cpus: '500m', postgresql_conf: { work_mem: '2MB' }, pg_hba_conf: ['node'] }],
    }; // prettier-ignore
    expect(effectiveNode(spec, 'n1')).toMatchObject({
      port: 0, cpus: 0.5, memoryBytes: 1024 ** 3, postgresVersion: '17.6', postgresqlConf: { work_mem: '2MB', jit: false }, pgHbaConf: ['node', 'spec'], pgIdentConf: [],
    }); // prettier-ignore
    expect(() => effectiveNode(spec, 'n2')).toThrow('the spec has no node "n2"');
  });
});
