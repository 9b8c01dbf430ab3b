// Two Postgres servers in containers of their own, fsync on, each reached at its own address.
import { pg } from '../api.mjs';
import { sh, until } from '../stack.mjs';

const SETTINGS = `listen_addresses = '*'
wal_level = logical
max_wal_senders = 20
max_replication_slots = 20
track_commit_timestamp = on
shared_buffers = 256MB
max_wal_size = 4GB
`;
const START = `cp -r /usr/share/windlass/template /tmp/data && chmod 700 /tmp/data && cd /tmp/data \
&& echo 'host all all 0.0.0.0/0 trust' > pg_hba.conf && printf '%s' "$SETTINGS" >> postgresql.conf && exec postgres -D /tmp/data`;

export class BenchServer {
  #container;
  #clients = [];

  static async start(major) {
    const server = new BenchServer();
    const how = ['run', '--detach', '--rm', '--env', `SETTINGS=${SETTINGS}`, `windlass/postgres:${major}`];
    server.#container = await sh('docker', [...how, 'bash', '-c', START]);
    const format = '{{.NetworkSettings.IPAddress}}';
    server.host = await sh('docker', ['inspect', '--format', format, server.#container]);
    await until('Postgres to answer', async () => Boolean(await server.query('postgres', 'SELECT 1')));
    return server;
  }

  async client(database) {
    const client = new pg.Client({ host: this.host, user: 'windlass', database, options: '-c search_path=public' });
    client.on('error', () => undefined);
    await client.connect();
    this.#clients.push(client);
    return client;
  }

  /** With a session of its own, which ends with it. */
  async query(database, sql) {
    const client = await this.client(database);
    try {
      return (await client.query(sql)).rows;
    } finally {
      await client.end();
    }
  }

  async stop() {
    await Promise.allSettled(this.#clients.map((client) => client.end()));
    await sh('docker', ['rm', '--force', this.#container]);
  }
}
