// Two ways from a source to a target: subscriptions of Postgres, and our replicators. Each can be paused.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { ENV, ROOT, until } from '../stack.mjs';

const LISTEN = Number(process.env.BENCH_PORT_BASE ?? 14000) + 90;
const MAIN = path.join(ROOT, 'apps/replicator/dist/replicator.mjs');

/** One direction; two would not be slower. */
export const native = {
  name: 'native',
  start: async ({ source, target, database }) => {
    await source.query(database, 'CREATE PUBLICATION native FOR ALL TABLES');
    const where = `host=${source.host} user=windlass dbname=${database}`;
    await target.query(
      database,
      `CREATE SUBSCRIPTION native CONNECTION '${where}' PUBLICATION native WITH (copy_data = false, origin = none)`,
    );
    const sql = (what) => () => target.query(database, `ALTER SUBSCRIPTION native ${what}`);
    return {
      ...{ pause: sql('DISABLE'), resume: sql('ENABLE'), pids: [] },
      stop: () => target.query(database, 'DROP SUBSCRIPTION native'),
    };
  },
};

/** A replicator for each node, as in production. */
export const ours = {
  name: 'ours',
  start: async ({ source, target, database }) => {
    const servers = [source, target];
    const processes = [];
    const begin = (i) => (processes[i] = replicator(servers, i, database));
    begin(0);
    begin(1);
    await slotsActive(servers, database);
    return {
      get pids() {
        return processes.map(({ pid }) => pid);
      },
      pause: () => ended(processes[1]),
      resume: () => begin(1),
      stop: async () => {
        await Promise.all(processes.map(ended));
        for (const server of servers) await forget(server, database);
      },
    };
  },
};

function replicator(servers, i, database) {
  const peer = 1 - i;
  const address = (at) => `${servers[at].host}:5432`;
  const child = spawn(process.execPath, [MAIN], {
    env: {
      ...ENV,
      ...{ WINDLASS_NODE_NUMBER: String(i + 1), WINDLASS_NODE_NAME: `n${i + 1}`, WINDLASS_NODE_HOSTS: address(i) },
      WINDLASS_PEERS: JSON.stringify([{ number: peer + 1, name: `n${peer + 1}`, hosts: address(peer) }]),
      ...{ WINDLASS_DATABASE: database, WINDLASS_USER: 'windlass', WINDLASS_LISTEN: `127.0.0.1:${LISTEN + i}` },
      WINDLASS_LOG_LEVEL: process.env.BENCH_LOG ?? 'error',
    },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  child.ended = new Promise((resolve) => child.once('exit', resolve));
  process.once('exit', () => child.kill('SIGKILL'));
  return child;
}

async function ended(child) {
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 5000);
  await child.ended;
  clearTimeout(timer);
}

const slotsActive = (servers, database) =>
  until('both streams', async () => {
    const active = await Promise.all(
      servers.map((server) =>
        server.query(database, 'SELECT FROM pg_replication_slots WHERE active AND database = current_database()'),
      ),
    );
    return active.every((rows) => rows.length === 1);
  });

/** Slots and origins belong to the server: the next database uses the same names. */
async function forget(server, database) {
  const slots = `SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = current_database()`;
  await until('slots to be dropped', async () => (await server.query(database, slots), true));
  await server.query(database, 'SELECT pg_replication_origin_drop(roname) FROM pg_replication_origin');
}
