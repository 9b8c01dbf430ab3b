import { z } from 'zod';
import { defineResource } from './define.ts';

const PARTS = ['config', 'certs', 'data'] as const;
const MODE = 0o700;

export const instancePath = (instanceId: string): string => `instances/${instanceId}`;

/** The directories of one instance on its host: config, certs, data. Deleting them deletes the data. */
export const directories = defineResource({
  kind: 'host.directories',
  version: 1,
  spec: z.strictObject({ instanceId: z.string(), hostId: z.string() }),
  status: z.strictObject({ path: z.string() }),
  immutable: ['instanceId', 'hostId'],
  id: (spec) => spec.instanceId,
  executor: (spec) => ({ on: 'host', hostId: spec.hostId }),

  async refresh(prior, { clients }) {
    const root = instancePath(prior.spec.instanceId);
    const found = await Promise.all(PARTS.map((part) => clients.files.directory(`${root}/${part}`)));
    if (found.every((d) => d === undefined)) return undefined;
    const { ownerUid, ownerGid } = clients.host;
    const drift = PARTS.filter((_part, i) => {
      const d = found[i];
      return !d || d.mode !== MODE || d.uid !== ownerUid || d.gid !== ownerGid;
    });
    return { status: { path: clients.files.absolute(root) }, drift };
  },
  create: (spec, { clients }) => ensure(spec.instanceId, clients.files),
  update: (spec, _prior, { clients }) => ensure(spec.instanceId, clients.files),
  delete: (prior, { clients }) => clients.files.removeTree(instancePath(prior.spec.instanceId)),
});

type Files = { ensureDirectory(path: string, mode: number): Promise<boolean>; absolute(path: string): string };

async function ensure(instanceId: string, files: Files): Promise<{ path: string }> {
  const root = instancePath(instanceId);
  await files.ensureDirectory(root, MODE);
  await Promise.all(PARTS.map((part) => files.ensureDirectory(`${root}/${part}`, MODE)));
  return { path: files.absolute(root) };
}
