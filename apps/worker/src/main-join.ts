import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { joinAndKeep, saveFile } from '@windlass/resources/platform/trust';

const USAGE = `usage: main-join.js --state DIR --token TOKEN --server URL [--server URL]… --id HOST
                    --address ADDRESS [--address ADDRESS]… --data-dir DIR [--control]`;

/** Settings of the worker that are taken from the environment of the join, and kept. */
const KEPT = [
  ...['WINDLASS_PORT_MIN', 'WINDLASS_PORT_MAX', 'WINDLASS_ALLOWED_VOLUME_ROOTS'],
  ...['WINDLASS_PUBLISH_ADDRESSES', 'WINDLASS_DATABASES_MAY_REACH'],
];

/**
 * Joins this machine to a cluster. What that brings is kept in the state directory, for the worker to find; how the swarm
 * is entered in swarm.json, until it was.
 */
async function join(): Promise<void> {
  const { values: given } = parseArgs({
    options: {
      state: { type: 'string' },
      token: { type: 'string' },
      server: { type: 'string', multiple: true },
      id: { type: 'string' },
      address: { type: 'string', multiple: true },
      'data-dir': { type: 'string' },
      control: { type: 'boolean' },
    },
  });
  const { state, token, server, id, address, control, 'data-dir': dataDir } = given;
  if (!state || !token || !server || !id || !address || !dataDir) throw new Error(USAGE);
  const joiner = { id, addresses: address, role: control ? ('control' as const) : ('host' as const) };
  const kept = Object.entries(process.env).filter(([name]) => KEPT.includes(name)) as [string, string][];
  const own = {
    ...Object.fromEntries(kept),
    WINDLASS_HOST_ID: id,
    WINDLASS_DATA_DIR: dataDir,
    WINDLASS_CLIENT_ADDRESSES: address.join(','),
  };
  const { options } = await joinAndKeep(state, { token, server_urls: server }, joiner, own);
  const { swarm } = options.windlass;
  if (swarm) await saveFile(path.join(state, 'swarm.json'), `${JSON.stringify(swarm)}\n`);
  await mkdir(dataDir, { recursive: true });
  await rm(path.join(dataDir, 'reported'), { force: true }); // an earlier life of this host is over
  process.stdout.write(`joined as ${control ? 'control host' : 'host'} ${id}\n`);
}

try {
  await join();
} catch (err) {
  process.stderr.write(`${err instanceof Error ? err.message : String(err)}\n`);
  process.exitCode = 1;
}
