import type { Clients } from '../postgres/clients/index.ts';
import { aResource } from './index.ts';
import type { HostInstance } from '../postgres/watchers/host-instances.ts';

/** The stored resource of an instance of host-1. */
export const instanceRecord = aResource('postgres.instance', 'shop-n1-a', {
  executor: { on: 'host', hostId: 'host-1' },
  spec: {
    instanceId: 'shop-n1-a',
    nodeName: 'n1',
    hostId: 'host-1',
    serviceName: 'postgres-shop-n1-a',
    scope: 'shop:n1',
  },
});

/** The same as the watch of its host knows it. */
export const hostInstance: HostInstance = {
  key: 'resources/shop/postgres.instance::shop-n1-a',
  databaseId: 'shop',
  instanceId: 'shop-n1-a',
  nodeName: 'n1',
  revision: 1,
  scope: 'shop:n1',
  serviceName: 'postgres-shop-n1-a',
  port: 5432,
  synchronous: false,
  archives: false,
  declared: { extensions: [], roles: [] },
};

export const PRIMARY = { standby: false, read_only: 'off', streaming: false };
export const REPLICA = { standby: true, read_only: 'on', streaming: true };

export interface Answers {
  /** What the instance says of itself. */
  readonly row: object;
  readonly standbys: () => Promise<string[]>;
  onWake(address: string): void;
}

export const container = { id: 'c1', state: 'running', address: '10.0.0.1', labels: {} } as const;

let lost: ((address: string) => void) | undefined;
/** The kept session with the instance ends by itself. */
export const loseSession = (): void => lost?.(container.address);

/** Clients of a host whose instance runs, in a node with these synchronous standbys. */
export const clientsThatFind = ({ row, standbys, onWake }: Answers): Clients =>
  ({
    host: { hostId: 'host-1', clientAddresses: ['192.0.2.1'] },
    files: { absolute: (path: string) => path },
    docker: { serviceContainers: () => Promise.resolve(new Map([['postgres-shop-n1-a', container]])) },
    dcs: { synchronousStandbys: standbys },
    patroni: {
      status: () =>
        Promise.resolve({ state: 'running', role: 'primary', serverVersion: 170_006, pendingRestart: false }),
      wake: (address: string) => Promise.resolve(onWake(address)),
    },
    postgres: {
      onSessionLost: (listener: (address: string) => void) => {
        lost = listener;
        return () => (lost = undefined);
      },
      session: (_target: unknown, work: (session: unknown) => unknown) =>
        work({
          query: (text: string) =>
            Promise.resolve(/^SELECT\s+(1$|pg_catalog\.pg_is_in_recovery|last_archived_time)/.test(text) ? [row] : []),
        }),
    },
  }) as unknown as Clients;
