import type { Clients, ExecResult, RunRequest } from '../clients/ports.ts';
import { DomainError } from '../../errors/index.ts';
import {
  backupsPath,
  DATA_MOUNT,
  dataPath,
  instancePath,
  restoreContainerName,
  tablespacesPath,
} from '../kinds/directories.ts';
import { BACKUPS_MOUNT } from '../spec/repository-options.ts';
import type { RestorePlace } from './restore-wish.ts';

/** Where the data the instance runs with is, for reading, in a container that works on a copy. */
export const LIVE_MOUNT = '/windlass/live';

/** The directories of a restore: on the host, relative to the worker's root, and in the container. */
export function restorePaths({ instanceId, key }: Pick<RestorePlace, 'instanceId' | 'key'>) {
  const data = `${instancePath(instanceId)}/data`;
  const work = `restore-${key}`;
  return {
    /** What the work needs: scripts, settings, credentials, the socket. */
    work: `${data}/${work}`,
    workInside: `${DATA_MOUNT}/${work}`,
    /** The copy that is made. */
    copy: `${data}/pgdata.${key}`,
    /** The tablespaces of the copy, which keep this name. */
    tablespaces: tablespacesPath(instanceId, key),
    /** The data the instance runs with. */
    live: dataPath(instanceId),
    /** What it ran with before this restore. */
    before: `${data}/pgdata.before-${key}`,
    inside: (path: string): string => `${DATA_MOUNT}${path.slice(data.length)}`,
  };
}

export interface ScriptRun extends Pick<RunRequest, 'signal' | 'onOutput'> {
  /**
   * The container has nothing of the instance but the copy. What is replayed names tablespaces where the instance has its own:
   * there the container has places of the copy.
   */
  readonly apart?: boolean;
}

/** Runs one of the scripts in a container with the instance's disk, and gives what it wrote. */
export async function runScript(
  clients: Clients,
  place: RestorePlace,
  script: string,
  args: readonly string[],
  { signal, onOutput, apart = false }: ScriptRun,
): Promise<ExecResult> {
  const { workInside } = restorePaths(place);
  const disk = apart ? await disksApart(clients, place) : [wholeDisk(clients, place)];
  const result = await clients.docker.run({
    ...containerOf(clients, place, disk),
    command: ['sh', `${workInside}/${script}`, ...args],
    keep: true,
    signal,
    ...(onOutput && { onOutput }),
  });
  signal.throwIfAborted();
  return result;
}

type Mount = RunRequest['mounts'][number];

const wholeDisk = ({ files }: Clients, { instanceId }: RestorePlace): Mount => ({
  source: files.absolute(`${instancePath(instanceId)}/data`),
  target: DATA_MOUNT,
  readOnly: false,
});

async function disksApart({ files }: Clients, place: RestorePlace): Promise<Mount[]> {
  const { work, copy, tablespaces, live, inside } = restorePaths(place);
  const own = [tablespaces, work, copy];
  const made = `${tablespaces}/made`;
  // What is mounted on must be there, or the engine makes it as its own.
  for (const path of [...own, made, ...own.map((one) => `${made}${inside(one).slice(DATA_MOUNT.length)}`)])
    await files.ensureDirectory(path, 0o700);
  return [
    { source: files.absolute(made), target: DATA_MOUNT, readOnly: false },
    ...own.map((path) => ({ source: files.absolute(path), target: inside(path), readOnly: false })),
    ...((await files.directory(live)) ? [{ source: files.absolute(live), target: LIVE_MOUNT, readOnly: true }] : []),
  ];
}

function containerOf(
  clients: Clients,
  place: RestorePlace,
  disk: readonly Mount[],
): Omit<RunRequest, 'command' | 'signal'> {
  const { instanceId, databaseId, backupsOf, container } = place;
  const at = (path: string): string => clients.files.absolute(path);
  return {
    name: restoreContainerName(instanceId),
    image: container.imageId,
    labels: {
      'windlass.managed': 'true',
      'windlass.database': databaseId,
      'windlass.restore': place.key,
      'pgedge.instance.id': instanceId,
    },
    networks: ['bridge', ...container.networks],
    mounts: [
      { source: at(`${instancePath(instanceId)}/config`), target: '/windlass/config', readOnly: true },
      ...disk,
      { source: at(backupsPath(backupsOf)), target: BACKUPS_MOUNT, readOnly: true },
      ...container.volumes.map((v) => ({ source: v.hostPath, target: v.destinationPath, readOnly: true })),
    ],
  };
}

/** Of what a script and Postgres wrote the line that says why it failed. */
export function lastFault({ stdout, stderr }: ExecResult): string {
  const faults = `${stdout}\n${stderr}`
    .split('\n')
    .map((line) => /(?:FATAL|PANIC|ERROR):\s*(?:\[\d+\]: )?(.*)$/.exec(line)?.[1])
    .filter((text) => text !== undefined && !/the database system is (?:starting|shutting)/.test(text));
  return faults.at(-1) ?? stderr.trim().split('\n').at(-1) ?? 'no reason was given';
}

export const restoreFailed = (message: string): DomainError => new DomainError('restore_failed', message);
