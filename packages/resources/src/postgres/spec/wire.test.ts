import { removePasswords, toWireSpec, type DatabaseSpec } from './index.ts';

const base: DatabaseSpec = { database_name: 'shop', nodes: [{ name: 'n1', host_ids: ['host-1'] }] };

describe('toWireSpec', () => {
  it('shows sizes rounded, owners always and the image whenever there are options', () => {
    const spec: DatabaseSpec = {
      ...base,
      memory: '16GiB',
      cpus: '0.5',
      orchestrator_opts: {},
      nodes: [
        {
          ...base.nodes[0]!,
          memory: '',
          cpus: '0',
          pg_hba_conf: [],
          orchestrator_opts: { swarm: { extra_labels: { password: 'a label' } } },
        },
      ],
      database_users: [{ username: 'app', attributes: [], roles: ['x'] }],
      services: [],
      postgresql_conf: {},
      scripts: {},
    };
    expect(toWireSpec({ spec })).toEqual({
      database_name: 'shop',
      memory: '17GB',
      cpus: '500m',
      orchestrator_opts: { swarm: { image: '' } },
      nodes: [
        {
          name: 'n1',
          host_ids: ['host-1'],
          orchestrator_opts: { swarm: { image: '', extra_labels: { password: 'a label' } } },
        },
      ],
      database_users: [{ username: 'app', db_owner: false, roles: ['x'] }],
    });
  });
  it('shows no secret', () => {
    const repository = { s3_key: 'SECRET', s3_key_secret: 'SECRET', gcs_key: 'SECRET', azure_key: 'SECRET' };
    const config = {
      init_token: 'SECRET',
      token: 'SECRET',
      token_budget: 7,
      pipelines: [{ rag_llm: { api_key: 'SECRET', model: 'm' } }],
      JWT_Secret: 'SECRET',
      init_users: [{ username: 'SECRET' }],
    };
    const spec: DatabaseSpec = {
      ...base,
      database_users: [{ username: 'app', password: 'SECRET' }],
      backup_config: { repositories: [{ type: 's3', s3_bucket: 'abc', ...repository }] },
      restore_config: {
        source_database_id: 'a',
        source_node_name: 'n1',
        source_database_name: 'b',
        repository: { type: 's3', ...repository },
      },
      services: [
        { service_id: 's', service_type: 'rag', version: 'latest', host_ids: ['a'], connect_as: 'app', config },
      ],
    };
    const shown = toWireSpec({ spec });
    expect(JSON.stringify(shown)).not.toContain('SECRET');
    expect(shown.services?.[0]?.config).toEqual({ token_budget: 7, pipelines: [{ rag_llm: { model: 'm' } }] });
    expect(
      JSON.stringify(removePasswords({ ...base, database_users: [{ username: 'app', password: 'SECRET' }] })),
    ).not.toContain('SECRET');
  });
});
