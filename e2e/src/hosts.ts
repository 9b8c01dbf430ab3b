import { get } from './client.ts';
import { bash, etcdctl, sh, until } from './stack.ts';

interface Hosts {
  readonly hosts: readonly { readonly id: string; readonly status: { readonly state: string } }[];
}

/** Another host on the same Docker engine: a worker with its own id, data directory and range of ports. */
export async function startHost(id: string, firstPort: number, lastPort = firstPort + 9): Promise<void> {
  const range = `WINDLASS_PORT_MIN=${String(firstPort)} WINDLASS_PORT_MAX=${String(lastPort)}`;
  await bash(`${range} bin/lib/process.sh start worker ${id} >/dev/null 2>&1`);
  await until(`host ${id}`, async () =>
    (await get<Hosts>('/v1/hosts')).hosts.some((h) => h.id === id && h.status.state === 'healthy'),
  );
}

/** Its worker ends at once, as if the machine had lost its power; its containers run on, as they are on our engine. */
export const killWorker = (id: string): Promise<string> => sh('bin/lib/process.sh', 'kill', `worker-${id}`);

/** The worker ends and its record goes; nothing of the host is left for other tests. What hangs is ended, and named by the error. */
export async function forgetHost(id: string): Promise<void> {
  await sh('timeout', '60', 'bin/lib/process.sh', 'stop', `worker-${id}`);
  await etcdctl(`del /windlass/hosts/${id}`);
}
