// The raw floors: one database, or three members of a stock Patroni, made by a shell script with no control plane.
import { connect } from './api.mjs';
import { FLOOR_PORT, sh, until } from './stack.mjs';

const floorScript = (verb, ...args) => sh('bash', ['bench/floor.sh', verb, ...args.map(String)]);
export const prepareFloor = (name = '', port = '') => floorScript('prepare', name, port);
export const floorPort = (i) => FLOOR_PORT + i;
export const createFloor = (name, i) => floorScript('create', name, floorPort(i));
export const removeFloor = (name, i) => floorScript('remove', name, floorPort(i));

export const STOCK_PORT = FLOOR_PORT + 100;
export const stockPorts = [0, 1, 2].map((i) => STOCK_PORT + i);

/** Three members of a stock Patroni; resolves when both standbys stream (and one is synchronous where asked for). */
export async function createStock(name, { restart = 'any', sync = false } = {}) {
  const env = { STOCK_RESTART: restart, STOCK_SYNC: sync ? '1' : '' };
  await sh('bash', ['bench/stock.sh', 'create', name, String(STOCK_PORT)], { env });
  await stockReady(sync);
}
export const removeStock = (name) => sh('bash', ['bench/stock.sh', 'remove', name, String(STOCK_PORT)]);

/** The number of the member that takes writes; both others stream from it. */
export const stockReady = (sync = false, timeoutMs = 150_000) =>
  until(
    'the stock cluster to have two streaming standbys',
    async () => {
      for (const [i, port] of stockPorts.entries()) {
        const found = await standbysAt(port);
        if (found && found.streaming === 2 && (!sync || found.synchronous > 0)) return { leader: i };
      }
      return undefined;
    },
    timeoutMs,
    20,
  );

async function standbysAt(port) {
  const client = await connect(port, 'postgres', 'windlass').catch(() => undefined);
  try {
    const { rows } = await client.query(`SELECT count(*) FILTER (WHERE state = 'streaming')::int AS streaming,
      count(*) FILTER (WHERE sync_state <> 'async')::int AS synchronous, pg_is_in_recovery() AS standby FROM pg_stat_replication`);
    return rows[0].standby ? undefined : rows[0];
  } catch {
    return undefined;
  } finally {
    await client?.end().catch(() => undefined);
  }
}
