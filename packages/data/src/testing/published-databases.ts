import type pg from 'pg';
import { RealPostgres } from './real-postgres.ts';

/** Where a test is: a server of its group, a database of its own, and a plain session in it. */
export interface PublishedDatabase {
  readonly server: RealPostgres;
  readonly database: string;
  readonly client: pg.Client;
}

/** Says to the group of tests it is called in: one server for all, and for each a new database whose publication `p` has every table. */
export function publishedDatabases(major: number, tables = ''): PublishedDatabase {
  let server: RealPostgres;
  let database: string;
  let client: pg.Client;
  beforeAll(async () => {
    server = await RealPostgres.start(major);
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    database = await server.database();
    client = await server.client(database);
    await client.query(`${tables}; CREATE PUBLICATION p FOR ALL TABLES`);
  });
  afterEach(() => server.endSessions());
  return {
    get server() {
      return server;
    },
    get database() {
      return database;
    },
    get client() {
      return client;
    },
  };
}
