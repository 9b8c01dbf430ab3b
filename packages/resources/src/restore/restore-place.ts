import type { Clients, ExecResult, RunRequest } from '../clients/ports.ts';
import { DomainError } from '../errors/index.ts';
import { backupsPath, dataPath, instancePath, restoreContainerName } from '../kinds/directories.ts';
import { BACKUPS_MOUNT } from '../spec/repository-options.ts';
import type { RestorePlace } from './restore-wish.ts';

/** Where an instance's data directories are in every container. */
const DATA_MOUNT = '/windlass/data';

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
    /** The data the instance runs with. */
    live: dataPath(instanceId),
    /** What it ran with before this restore. */
    before: `${data}/pgdata.before-${key}`,
    inside: (path: string): string => `${DATA_MOUNT}${path.slice(data.length)}`,
  };
}

/** Runs one of the scripts in a container with the instance's disk, and gives what it wrote. */
export async function runScript(
  clients: Clients,
  place: RestorePlace,
  script: string,
  args: readonly string[],
  { signal, onOutput }: Pick<RunRequest, 'signal' | 'onOutput'>,
): Promise<ExecResult> {
  const { workInside } = restorePaths(place);
  const result = await clients.docker.run({
    ...containerOf(clients, place),
    command: ['sh', `${workInside}/${script}`, ...args],
    keep: true,
    signal,
    ...(onOutput && { onOutput }),
  });
  signal.throwIfAborted();
  return result;
}

function containerOf(clients: Clients, place: RestorePlace): Omit<RunRequest, 'command' | 'signal'> {
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
      { source: at(`${instancePath(instanceId)}/data`), target: DATA_MOUNT, readOnly: false },
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
