import type { DatabaseSpec } from './database.ts';
import { nodeSources, sourceIssues } from './node-sources.ts';

const specOf = (names: readonly string[], more: Partial<DatabaseSpec> = {}): DatabaseSpec => ({
  database_name: 'shop',
  postgres_version: '17.6',
  nodes: names.map((name) => ({ name, host_ids: ['host-1'] })),
  ...more,
});
const restore_config = {
  ...{ source_database_id: 'other', source_node_name: 'n1', source_database_name: 'shop' },
  repository: { type: 'posix' as const, base_path: '/backups' },
};
const two = specOf(['n1', 'n2']);

describe('how nodes begin', () => {
  it('those of a new database by themselves', () => {
    expect(nodeSources(specOf(['n1']))).toEqual({});
    expect(nodeSources(two)).toEqual({});
  });
  it('as a copy of the first where that has what the others could not make: a backup, scripts', () => {
    const copies = { n2: { source: 'n1', there: ['n1'] }, n3: { source: 'n1', there: ['n1'] } };
    const names = ['n1', 'n2', 'n3'];
    expect(nodeSources(specOf(names, { restore_config }))).toEqual(copies);
    expect(nodeSources(specOf(names, { scripts: { post_database_create: ['SELECT 1'] } }))).toEqual(copies);
    expect(nodeSources(specOf(names, { scripts: {} }))).toEqual({});
  });
  it('as a copy of the one that is named', () => {
    const spec = specOf(['n1', 'n2']);
    const named = { ...spec, nodes: [...spec.nodes, { name: 'n3', host_ids: ['host-1'], source_node: 'n2' }] };
    expect(nodeSources(named)).toEqual({ n3: { source: 'n2', there: ['n2'] } });
    expect(nodeSources(named, { spec })).toEqual({ n3: { source: 'n2', there: ['n1', 'n2'] } });
  });
  it('as a copy of the first when they come later, two at once of the same; and that stays known', () => {
    const after = specOf(['n1', 'n2', 'n3', 'n4']);
    const found = nodeSources(after, { spec: two });
    expect(found).toEqual({ n3: { source: 'n1', there: ['n1', 'n2'] }, n4: { source: 'n1', there: ['n1', 'n2'] } });
    expect(nodeSources(after, { spec: after, nodeSources: found })).toEqual(found);
  });
  it('as a copy of one that is still there; a name that comes back is another node', () => {
    const there = ['n1', 'n2'];
    const before = { spec: specOf(['n1', 'n2', 'n3']), nodeSources: { n3: { source: 'n1', there } } };
    expect(nodeSources(specOf(['n2', 'n3']), before)).toEqual({ n3: { source: 'n2', there: ['n2'] } });
    const without = { spec: specOf(['n2', 'n3']), nodeSources: { n3: { source: 'n2', there: ['n2'] } } };
    expect(nodeSources(specOf(['n2', 'n3', 'n1']), without)['n1']).toEqual({ source: 'n2', there: ['n2', 'n3'] });
  });
});

describe('what a copy cannot be', () => {
  const third = (more: object): DatabaseSpec => ({
    ...two,
    nodes: [...two.nodes, { name: 'n3', host_ids: ['host-1'], ...more }],
  });
  const issues = (spec: DatabaseSpec) =>
    sourceIssues(spec, nodeSources(spec, { spec: two })).map(({ path, message }) => `${path.join('.')}: ${message}`);
  it('of another major version, from a backup, of a node that comes with it', () => {
    expect(issues(third({}))).toEqual([]);
    expect(issues(third({ postgres_version: '17.7' }))).toEqual([]);
    expect(issues(third({ postgres_version: '18.1' }))).toEqual([
      "nodes.2.postgres_version: must be of major version 17 like 'n1', of which it is a copy",
    ]);
    expect(issues(third({ restore_config }))).toEqual([
      "nodes.2.restore_config: this node begins as a copy of 'n1'; only the first node can begin with a backup",
    ]);
    const both = { ...third({}), nodes: [...third({}).nodes, { name: 'n4', host_ids: ['host-1'], source_node: 'n3' }] };
    expect(issues(both)).toEqual(['nodes.3.source_node: must be a node that is there before: n1, n2']);
  });
});
