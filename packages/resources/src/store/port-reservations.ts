import { createServer } from 'node:net';
import { z } from 'zod';
import { DomainError } from '../errors/index.ts';
import { Collection } from './collection.ts';
import type { Kv } from './kv.ts';

export interface PortRange {
  readonly min: number;
  readonly max: number;
}

/** Reservations of published ports of a host, one etcd key each. */
export interface PortsPort {
  reservedBy(hostId: string, port: number): Promise<string | undefined>;
  /** Reserves the given port, or for 0 a free one that stays the same for the holder. Rejects `port_in_use`. */
  reserve(hostId: string, port: number, holder: string): Promise<number>;
  release(hostId: string, port: number, holder: string): Promise<void>;
}

/** Who holds a published port of a host. */
export const portHolders = new Collection<string, [hostId: string, port: string]>('ports', z.string());

/** Reservations of published ports, one key each; `isFree` asks the host itself. */
export function createPorts(kv: Kv, range: PortRange, isFree: (port: number) => Promise<boolean> = canBind): PortsPort {
  const holderOf = async (hostId: string, port: number): Promise<string | undefined> =>
    (await portHolders.get(kv, hostId, String(port)))?.value;

  const take = async (hostId: string, port: number, holder: string): Promise<boolean> => {
    const id = [hostId, String(port)] as const;
    const absent = { key: portHolders.key(...id), revision: 0 };
    if ((await kv.commit([absent], [portHolders.put(holder, ...id)])) !== false) return true;
    return (await holderOf(hostId, port)) === holder;
  };

  const reserveExplicit = async (hostId: string, port: number, holder: string): Promise<number> => {
    const current = await holderOf(hostId, port);
    if (current === holder) return port;
    if (current !== undefined)
      throw new DomainError('port_in_use', `port ${String(port)} of host '${hostId}' is held by '${current}'`);
    if (!(await isFree(port)))
      throw new DomainError('port_in_use', `port ${String(port)} of host '${hostId}' is in use by another process`);
    if (await take(hostId, port, holder)) return port;
    throw new DomainError('port_in_use', `port ${String(port)} of host '${hostId}' was taken at the same time`);
  };

  const reserveAny = async (hostId: string, holder: string): Promise<number> => {
    const rows = await portHolders.list(kv, [hostId]);
    const mine = rows.find((row) => row.value === holder);
    if (mine) return Number(mine.id[1]);
    const taken = new Set(rows.map((row) => Number(row.id[1])));
    for (let port = range.min; port <= range.max; port += 1) {
      if (taken.has(port) || !(await isFree(port))) continue;
      if (await take(hostId, port, holder)) return port;
    }
    throw new DomainError(
      'port_in_use',
      `host '${hostId}' has no free port between ${String(range.min)} and ${String(range.max)}`,
    );
  };

  return {
    reservedBy: holderOf,
    reserve: (hostId, port, holder) =>
      port === 0 ? reserveAny(hostId, holder) : reserveExplicit(hostId, port, holder),
    release: async (hostId, port, holder) => {
      const id = [hostId, String(port)] as const;
      const found = await portHolders.get(kv, ...id);
      if (found?.value !== holder) return;
      const mine = { key: portHolders.key(...id), revision: found.revision };
      await kv.commit([mine], [portHolders.remove(...id)]);
    },
  };
}

/** Whether a listener on every address can be opened now. */
export function canBind(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '0.0.0.0', exclusive: true }, () => server.close(() => resolve(true)));
  });
}
