import { database, logOf, type Task } from './client.ts';
import { bash, sh, until } from './stack.ts';
import { whileWriting, type WriterReport } from './writer.ts';

interface Instance {
  readonly id: string;
  readonly host_id: string;
  readonly state: string;
  readonly postgres?: { readonly role?: string; readonly pending_restart?: boolean };
}

/** A database with one node of several instances, and the user `app` with the password `pw-app`. */
export interface ReplicatedNode {
  instances(): Promise<readonly Instance[]>;
  /** The instance on this host. */
  on(hostId: string): Promise<Instance>;
  /** Id of the instance that is the primary; empty while there is none. */
  primary(): Promise<string>;
  /** Ids of the instances that are replicas and well. */
  replicas(): Promise<string[]>;
  /** Waits until all of so many instances are well, and the database says so. */
  allWell(count: number): Promise<void>;
  /** Id of the container that runs; empty where none does. */
  container(instanceId: string): Promise<string>;
  psql(purpose: 'writer' | 'reader', text: string): Promise<string>;
  /** Where the primary is reached, whichever it is. */
  dsn(): Promise<string>;
  /** Writes one id after the other while something is done, then asks for every one that was acknowledged. */
  whileWriting(work: () => Promise<unknown>): Promise<WriterReport>;
  log(task: Task): Promise<string[]>;
}

const READY_MS = 90_000;

export function replicatedNode(id: string): ReplicatedNode {
  const instances = async (): Promise<readonly Instance[]> => ((await database(id)).instances ?? []) as never;
  const psql = async (purpose: 'writer' | 'reader', text: string): Promise<string> =>
    (await sh('psql', await dsnOf(id, purpose), '-Atqc', text)).trim();
  return {
    instances,
    psql,
    dsn: () => dsnOf(id, 'writer'),
    on: async (hostId) => {
      const found = (await instances()).find((i) => i.host_id === hostId);
      if (!found) throw new Error(`${id} has no instance on ${hostId}`);
      return found;
    },
    primary: async () => (await instances()).find((i) => i.postgres?.role === 'primary')?.id ?? '',
    replicas: async () =>
      (await instances()).filter((i) => i.state === 'available' && i.postgres?.role === 'replica').map((i) => i.id),
    allWell: async (count) => {
      const what = `${String(count)} instances of ${id} that are well`;
      const well = async (): Promise<boolean> => {
        const { state } = await database(id);
        const found = await instances();
        if (state === 'available' && found.length === count && found.every((i) => i.state === 'available')) return true;
        throw new Error(`it is ${state}: ${found.map((i) => `${i.id} ${i.state}`).join(', ')}`);
      };
      await until(what, well, READY_MS);
    },
    container: async (instanceId) =>
      (await bash(`docker ps -q --filter label=com.docker.swarm.service.name=postgres-${instanceId}`)).trim(),
    whileWriting: async (work) => whileWriting(await dsnOf(id, 'writer'), work),
    log: (task) => logOf(id, task),
  };
}

async function dsnOf(id: string, purpose: 'writer' | 'reader'): Promise<string> {
  const { nodes } = (await database(id)) as unknown as { nodes: { connection_info: Record<string, string> }[] };
  return (nodes[0]?.connection_info[purpose] ?? '').replace('//', '//app:pw-app@');
}
