const ROLE = 'kinds/roles.itest.ts';
const SETTINGS = 'kinds/settings.itest.ts';
const SERVICE = 'compose/compose.test.ts';
const SCRIPTS = 'kinds/scripts.itest.ts';

const SWARM = {
  'swarm.extra_volumes[].host_path': SERVICE,
  'swarm.extra_volumes[].destination_path': SERVICE,
  'swarm.extra_networks[].id': SERVICE,
  'swarm.extra_networks[].aliases[]': SERVICE,
  'swarm.extra_networks[].driver_opts': SERVICE,
  'swarm.extra_labels': SERVICE,
  'swarm.image': SERVICE,
};

const LEVEL = {
  postgres_version: SERVICE,
  port: SERVICE,
  cpus: SERVICE,
  memory: SERVICE,
  postgresql_conf: SETTINGS,
  'pg_hba_conf[]': SETTINGS,
  'pg_ident_conf[]': SETTINGS,
  ...Object.fromEntries(Object.entries(SWARM).map(([leaf, test]) => [`orchestrator_opts.${leaf}`, test])),
};

/** Every field of the spec that the engine carries out, with the test (in `packages/resources/src`) that shows it. */
export const CARRIED_OUT: Readonly<Record<string, string>> = {
  database_name: SERVICE,
  ...LEVEL,
  ...Object.fromEntries(Object.entries(LEVEL).map(([leaf, test]) => [`nodes[].${leaf}`, test])),
  'nodes[].name': SERVICE,
  'nodes[].host_ids[]': SERVICE,
  'database_users[].username': ROLE,
  'database_users[].password': ROLE,
  'database_users[].db_owner': ROLE,
  'database_users[].attributes[]': ROLE,
  'database_users[].roles[]': ROLE,
  'scripts.post_init[]': SCRIPTS,
  'scripts.post_database_create[]': SCRIPTS,
};
