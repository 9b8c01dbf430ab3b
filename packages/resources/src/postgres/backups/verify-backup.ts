import { randomUUID } from 'node:crypto';
import type { Clients, RunRequest } from '../clients/ports.ts';
import { domainErrorOf, DomainError } from '../../errors/index.ts';
import { backupsPath, instancePath } from '../kinds/index.ts';
import { pgbackrest, serviceOf } from '../inside/index.ts';
import { DATA_MOUNT } from '../kinds/directories.ts';
import type { Run } from '../../engine/apply.ts';
import { databasesToProve, LOST_FILES } from './proof.ts';
import { faultOf, reasonOf } from './verify-findings.ts';
import { VERIFY } from './verify-script.ts';

const MODE = 0o700;

export interface VerifyWish {
  readonly instanceId: string;
  readonly databaseId: string;
  readonly taskId: string;
  readonly label: string;
  readonly repository: number;
  /** What the instance's container has, so that the throw-away one reaches the same repositories. */
  readonly imageId: string;
  readonly postgresMajor: number;
  readonly volumes: readonly { readonly hostPath: string; readonly destinationPath: string }[];
  readonly networks: readonly string[];
}

/** What was read of a restored backup. */
export interface Verified {
  readonly databases: number;
  readonly tables: number;
  readonly bytesRead: number;
}

/**
 * Proves that a backup can be restored: pgBackRest checks every file of it against its checksum, then it is restored into a
 * throw-away instance with its tablespaces, recovered until it is consistent, and a page of every file and every row of every
 * table is read. Rejects with `backup_damaged` when a checksum is wrong or Postgres cannot read the data; whatever else keeps
 * it from being proven, such as no space, is `backup_not_verified` and says nothing about the backup.
 */
export async function verifyBackup(clients: Clients, wish: VerifyWish, { signal, progress }: Run): Promise<Verified> {
  progress('checking the checksums of the files');
  const service = serviceOf(wish.instanceId);
  const set = [`--set=${wish.label}`, `--repo=${String(wish.repository)}`];
  const args = [...set, '--output=text', '--verbose', 'verify'];
  const said = await pgbackrest(clients, service, { args, signal }).catch((err: unknown) => {
    const found = domainErrorOf(err);
    if (found?.code !== 'backup_failed') throw err;
    throw new DomainError('backup_not_verified', `backup '${wish.label}' could not be verified: ${found.message}`);
  });
  const fault = faultOf(said);
  if (fault) throw new DomainError(fault.code, `backup '${wish.label}'${fault.words}`);
  progress('restoring it into a throw-away instance');
  const scratch = `verify/${wish.taskId}`;
  // An attempt whose worker died may have left a part of it, and a container that still works on it.
  await clients.docker.removeContainer(containerName(wish));
  await clients.files.removeTree(scratch);
  await clients.files.ensureDirectory(scratch, MODE);
  try {
    return await restoreAndRead(clients, wish, scratch, { signal, progress });
  } finally {
    await clients.files.removeTree(scratch);
  }
}

async function restoreAndRead(
  clients: Clients,
  wish: VerifyWish,
  scratch: string,
  { signal, progress }: Run,
): Promise<Verified> {
  const { files } = clients;
  const token = randomUUID();
  await files.ensureDirectory(`${scratch}/made`, MODE);
  const sql = { 'databases.sql': databasesToProve(), 'lost.sql': LOST_FILES };
  for (const [name, text] of Object.entries(sql)) await files.write(`${scratch}/${name}`, text);
  const command = ['sh', '-c', VERIFY, token, wish.label, String(wish.repository), String(wish.postgresMajor)];
  const onOutput = (text: string): void => progress(text.trim().split('\n').at(-1) ?? '');
  const result = await clients.docker.run({ ...containerOf(clients, wish, scratch), command, signal, onOutput });
  const found = new RegExp(`^${token} (\\d+) (\\d+) (\\d+)$`, 'm').exec(result.stdout);
  if (result.exitCode === 0 && found)
    return { databases: Number(found[1]), tables: Number(found[2]), bytesRead: Number(found[3]) };
  const { code, words } = reasonOf(result);
  throw new DomainError(code, `backup '${wish.label}'${words}`);
}

const containerName = ({ taskId }: VerifyWish): string => `windlass-verify-${taskId}`;

function containerOf(clients: Clients, wish: VerifyWish, scratch: string): Omit<RunRequest, 'command' | 'signal'> {
  const at = (path: string): string => clients.files.absolute(path);
  return {
    name: containerName(wish),
    image: wish.imageId,
    labels: { 'windlass.managed': 'true', 'windlass.database': wish.databaseId, 'windlass.task': wish.taskId },
    networks: wish.networks,
    mounts: [
      { source: at(`${instancePath(wish.instanceId)}/config`), target: '/windlass/config', readOnly: true },
      { source: at(backupsPath(wish.databaseId)), target: '/windlass/backups', readOnly: true },
      { source: at(scratch), target: '/scratch', readOnly: false },
      { source: at(`${scratch}/made`), target: DATA_MOUNT, readOnly: false },
      ...wish.volumes.map((v) => ({ source: v.hostPath, target: v.destinationPath, readOnly: true })),
    ],
  };
}
