import type pg from 'pg';
import { installNode } from '../node/index.ts';
import { RealPostgres } from './real-postgres.ts';

/** Where a test is: a database with schema `windlass`, a superuser, and a user who may make tables and no more. */
export interface InstalledDatabase {
  readonly server: RealPostgres;
  readonly database: string;
  readonly admin: pg.Client;
  readonly user: pg.Client;
}

/** Says to the group of tests it is called in: one server for all, and for each a new database of node 1, whose peers are 2 and 3. */
export function installedDatabases(major: number, before = ''): InstalledDatabase {
  let server: RealPostgres;
  let its: Omit<InstalledDatabase, 'server'>;
  beforeAll(async () => {
    server = await RealPostgres.start(major);
    await (await server.client('postgres')).query('CREATE ROLE alice LOGIN');
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    const database = await server.database();
    const admin = await server.client(database);
    await admin.query(
      `GRANT CREATE ON DATABASE ${database} TO alice; GRANT CREATE ON SCHEMA public TO alice; ${before}`,
    );
    await installNode(admin, NODE_1);
    its = { database, admin, user: await userOf(server, database) };
  });
  afterEach(() => server.endSessions());
  return {
    get server() {
      return server;
    },
    get database() {
      return its.database;
    },
    get admin() {
      return its.admin;
    },
    get user() {
      return its.user;
    },
  };
}

export const NODE_1 = {
  ...{ number: 1, name: 'n1' },
  peers: [
    { number: 2, name: 'n2' },
    { number: 3, name: 'n3' },
  ],
};

/** A session of alice, in which event triggers fire. */
export async function userOf(server: RealPostgres, database: string): Promise<pg.Client> {
  const user = await withEventTriggers(await server.client(database));
  await user.query('SET SESSION AUTHORIZATION alice');
  return user;
}

/** The image switches them off for its superuser. */
export async function withEventTriggers(client: pg.Client): Promise<pg.Client> {
  await client.query(`SELECT set_config(name, 'on', false) FROM pg_settings WHERE name = 'event_triggers'`);
  return client;
}
