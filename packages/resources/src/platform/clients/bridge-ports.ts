import { readFile } from 'node:fs/promises';
import { DomainError } from '../../errors/index.ts';
import { reasonOf, runOnHost, type RunProgram } from './run-on-host.ts';

/** With it packets from port to port of a bridge pass the packet filter, which refuses them by their addresses. */
const FILTERED = '/proc/sys/net/bridge/bridge-nf-call-iptables';

interface Entry {
  readonly ifname: string;
  readonly mac?: string;
  readonly master?: string;
  readonly isolated?: boolean;
}

/**
 * Lets no packet pass from one port of the bridge to another, of those that belong to these MAC addresses: by the bridge itself
 * (Linux 4.18), as the packet filter sees such packets only on some machines. Everybody else on it is reached as before.
 * @returns The MAC addresses that the bridge does not know: nothing was sent from them lately.
 */
export async function isolatePorts(
  device: string,
  macs: readonly string[],
  run: RunProgram = runOnHost,
): Promise<readonly string[]> {
  if (macs.length === 0) return [];
  const ask = async (...args: readonly string[]): Promise<Entry[]> =>
    JSON.parse((await run('bridge', ['-j', ...args])) || '[]') as Entry[];
  try {
    const [known, ports] = await Promise.all([ask('fdb', 'show', 'br', device), ask('-d', 'link', 'show')]);
    const portOf = new Map(known.filter(({ master }) => master === device).map(({ mac, ifname }) => [mac, ifname]));
    const isolated = new Set(ports.filter((port) => port.isolated).map(({ ifname }) => ifname));
    for (const port of new Set(macs.map((mac) => portOf.get(mac))))
      if (port !== undefined && !isolated.has(port))
        await run('bridge', ['link', 'set', 'dev', port, 'isolated', 'on']);
    return macs.filter((mac) => !portOf.has(mac));
  } catch (err) {
    const why = `containers reach one another on ${device}: ${reasonOf(err)}`;
    throw new DomainError('server_error', why, { cause: err });
  }
}

/** Whether the packet filter sees what passes from port to port of a bridge. */
export const seesBridged = async (): Promise<boolean> =>
  (await readFile(FILTERED, 'utf8').catch(() => '0')).trim() === '1';
