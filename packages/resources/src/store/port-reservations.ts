import { createServer } from 'node:net';
import type { PortsPort } from '../clients/ports.ts';
import { DomainError } from '../errors/index.ts';
import { keys } from './keys.ts';
import type { Kv } from './kv.ts';

export interface PortRange {
  readonly min: number;
  readonly max: number;
}

/** Reservations of published ports, one key each; `isFree` asks the host itself. */
export function createPorts(kv: Kv, range: PortRange, isFree: (port: number) => Promise<boolean> = canBind): PortsPort {
  const holderOf = async (hostId: string, port: number): Promise<string | undefined> =>
    (await kv.get(keys.port(hostId, port)))?.value as string | undefined;

  const take = async (hostId: string, port: number, holder: string): Promise<boolean> => {
    const key = keys.port(hostId, port);
    if ((await kv.commit([{ key, revision: 0 }], [{ put: key, value: holder }])) !== false) return true;
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
    const rows = await kv.list(`ports/${hostId}/`);
    const mine = rows.find((row) => row.value === holder);
    if (mine) return Number(mine.key.split('/').at(-1));
    const taken = new Set(rows.map((row) => Number(row.key.split('/').at(-1))));
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
      const found = await kv.get(keys.port(hostId, port));
      if (found?.value !== holder) return;
      await kv.commit(
        [{ key: keys.port(hostId, port), revision: found.revision }],
        [{ remove: keys.port(hostId, port) }],
      );
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
