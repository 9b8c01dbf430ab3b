import { z } from 'zod';
import { defineResource } from './define.ts';

const PARTS = ['config', 'certs', 'data'] as const;
const MODE = 0o700;

export const instancePath = (instanceId: string): string => `instances/${instanceId}`;

/** The data directory the instance runs with. */
export const dataPath = (instanceId: string): string => `${instancePath(instanceId)}/data/pgdata`;

/** Where the directory `data` of an instance is in its container. */
export const DATA_MOUNT = '/windlass/data';

/** Where the tablespaces are that one restore made: never renamed, so that links to them hold wherever their data is. */
export const tablespacesPath = (instanceId: string, key: string): string =>
  `${instancePath(instanceId)}/data/tablespaces.${key}`;

/** While this file is there the instance's container starts no Postgres. */
export const holdFile = (instanceId: string): string => `${instancePath(instanceId)}/data/hold`;

/** The container's answer: no Postgres runs. */
export const heldFile = (instanceId: string): string => `${instancePath(instanceId)}/data/held`;

/** One container at a time works on an instance's restore; it is found by its name, and goes with the work. */
export const restoreContainerName = (instanceId: string): string => `windlass-restore-${instanceId}`;

/** Where the backups of a database are that go to the disk of the host: outside of its instances, so that they outlive them. */
export const backupsPath = (databaseId: string): string => `backups/${databaseId}`;

/** The directories of one instance on its host: config, certs, data. Deleting them deletes the data, but no backups. */
export const directories = defineResource({
  kind: 'host.directories',
  version: 1,
  spec: z.strictObject({ instanceId: z.string(), hostId: z.string() }),
  status: z.strictObject({ path: z.string() }),
  immutable: ['instanceId', 'hostId'],
  id: (spec) => spec.instanceId,
  executor: (spec) => ({ on: 'host', hostId: spec.hostId }),

  async refresh(prior, { clients, owner }) {
    const root = instancePath(prior.spec.instanceId);
    const parts: readonly (readonly [string, string])[] = [
      ...PARTS.map((part) => [part, `${root}/${part}`] as const),
      ['backups', backupsPath(owner.entity.id)],
    ];
    const found = await Promise.all(parts.map(([, path]) => clients.files.directory(path)));
    if (PARTS.every((_part, i) => found[i] === undefined)) return undefined;
    const { ownerUid, ownerGid } = clients.host;
    const drift = parts.filter((_part, i) => {
      const d = found[i];
      return !d || d.mode !== MODE || d.uid !== ownerUid || d.gid !== ownerGid;
    });
    return { status: { path: clients.files.absolute(root) }, drift: drift.map(([name]) => name) };
  },
  create: (spec, { clients, owner }) => ensure(spec.instanceId, owner.entity.id, clients.files),
  update: (spec, _prior, { clients, owner }) => ensure(spec.instanceId, owner.entity.id, clients.files),
  async delete(prior, { clients, owner }) {
    await clients.docker.removeContainer(restoreContainerName(prior.spec.instanceId)); // it writes there until it is told
    await clients.files.removeTree(instancePath(prior.spec.instanceId));
    await clients.files.removeEmpty(backupsPath(owner.entity.id));
  },
});

type Files = { ensureDirectory(path: string, mode: number): Promise<boolean>; absolute(path: string): string };

async function ensure(instanceId: string, databaseId: string, files: Files): Promise<{ path: string }> {
  const root = instancePath(instanceId);
  await files.ensureDirectory(backupsPath(databaseId), MODE);
  await files.ensureDirectory(root, MODE);
  await Promise.all(PARTS.map((part) => files.ensureDirectory(`${root}/${part}`, MODE)));
  return { path: files.absolute(root) };
}
