const REPOSITORY = {
  id: 'other',
  type: 'cifs',
  base_path: '/other',
  s3_bucket: 'other',
  s3_region: 'other',
  s3_endpoint: 'other.example.com',
  s3_key: 'other',
  s3_key_secret: 'other',
  gcs_bucket: 'other',
  gcs_endpoint: 'other.example.com',
  gcs_key: 'b3RoZXI=',
  azure_account: 'other',
  azure_container: 'other',
  azure_endpoint: 'other.example.com',
  azure_key: 'other',
  custom_options: { hardlink: 'y' },
};

/** A value for each field of a level (the spec, or a node) that the engine carries out. */
const LEVEL: Readonly<Record<string, unknown>> = {
  postgres_version: '18.1',
  port: 5433,
  cpus: '500m',
  memory: '2GiB',
  postgresql_conf: { work_mem: '7MB' },
  'pg_hba_conf[]': 'host all all 10.9.8.7/32 reject',
  'pg_ident_conf[]': 'people alice app',
  'orchestrator_opts.swarm.extra_volumes[].host_path': '/srv/other',
  'orchestrator_opts.swarm.extra_volumes[].destination_path': '/mnt/other',
  'orchestrator_opts.swarm.extra_networks[].id': 'other',
  'orchestrator_opts.swarm.extra_networks[].aliases[]': 'other',
  'orchestrator_opts.swarm.extra_networks[].driver_opts': { a: 'other' },
  'orchestrator_opts.swarm.extra_labels': { team: 'other' },
  'orchestrator_opts.swarm.security.writable_root': true,
  'orchestrator_opts.swarm.security.privilege_escalation': true,
  'orchestrator_opts.swarm.security.pids_limit': 1000,
  'orchestrator_opts.swarm.image': 'other/postgres:17',
  ...Object.fromEntries(
    Object.entries({ ...REPOSITORY, retention_full: 2, retention_full_type: 'count' }).map(([field, value]) => [
      `backup_config.repositories[].${field}`,
      value,
    ]),
  ),
  'backup_config.schedules[].id': 'other',
  'backup_config.schedules[].type': 'incr',
  'backup_config.schedules[].cron_expression': '7 7 * * *',
  ...Object.fromEntries(
    Object.entries(REPOSITORY).map(([field, value]) => [`restore_config.repository.${field}`, value]),
  ),
  'restore_config.source_database_id': 'other',
  'restore_config.source_node_name': 'n7',
  'restore_config.source_database_name': 'other',
  'restore_config.restore_options': { type: 'immediate' },
};

/**
 * Every field of the spec that the engine carries out, with a value that differs from the one in the sample spec.
 * `carried-out.test.ts` shows for each that the resources depend on it; `kinds/kinds.itest.ts` runs those resources.
 */
export const CARRIED_OUT: Readonly<Record<string, unknown>> = {
  database_name: 'other',
  ...LEVEL,
  ...Object.fromEntries(Object.entries(LEVEL).map(([leaf, value]) => [`nodes[].${leaf}`, value])),
  'nodes[].name': 'n7',
  'nodes[].source_node': 'n3',
  'nodes[].host_ids[]': 'host-2',
  'database_users[].username': 'other',
  'database_users[].password': 'other',
  'database_users[].db_owner': false,
  'database_users[].attributes[]': 'CREATEDB',
  'database_users[].roles[]': 'pg_read_all_data',
  'scripts.post_init[]': 'SELECT 7',
  'scripts.post_database_create[]': 'SELECT 7',
};
