import { z } from 'zod';
import type { Clients } from '../clients/ports.ts';
import type { Context } from '../../engine/resource.ts';
import { DomainError } from '../../errors/index.ts';
import { defineResource } from './define.ts';
import { directories, instancePath } from './directories.ts';
import { renderPgBackRest, type RenderedRepository } from '../inside/pgbackrest-file.ts';

export const repositorySpec = z.strictObject({
  /** As the user calls it. */
  id: z.string().optional(),
  /** pgBackRest's options without the `repoN-` prefix and without credentials. */
  options: z.record(z.string(), z.string()),
  /** Where its credentials are kept, and which of them. */
  secret: z.strictObject({ name: z.string(), version: z.string(), names: z.array(z.string()) }).optional(),
});

const spec = z.strictObject({
  instanceId: z.string(),
  hostId: z.string(),
  repositories: z.array(repositorySpec).min(1),
  processes: z.int().min(1),
  blockIncremental: z.boolean(),
});
type Spec = z.output<typeof spec>;

/**
 * What pgBackRest of one instance must know, mode 0600: it holds the credentials of the repositories. While the file is
 * there the instance archives its WAL, when it is the primary; without it backups are off.
 */
export const pgbackrestConfig = defineResource({
  kind: 'pgbackrest.config',
  version: 1,
  spec,
  status: z.strictObject({ file: z.string() }),
  immutable: ['instanceId'],
  id: (s) => s.instanceId,
  executor: (s) => ({ on: 'host', hostId: s.hostId }),
  dependsOn: (s) => [{ ref: directories.ref(s.instanceId) }],
  within: (s) => directories.ref(s.instanceId),

  async refresh(prior, context) {
    const found = await context.clients.files.read(fileOf(prior.spec));
    if (found === undefined) return undefined;
    const wanted = await filesOf(prior.spec, context);
    const read = await Promise.all([...wanted.keys()].map((path) => context.clients.files.read(path)));
    const same = [...wanted.values()].every((content, i) => content === read[i]);
    return { status: { file: fileOf(prior.spec) }, drift: same ? [] : ['content'] };
  },
  create: write,
  update: (s, _prior, context) => write(s, context),
  async delete(prior, { clients }) {
    await clients.files.removeTree(fileOf(prior.spec));
    for (const path of prior.spec.repositories.map((_one, i) => keyFile(prior.spec, i)))
      await clients.files.removeTree(path);
  },
});

const fileOf = (s: Pick<Spec, 'instanceId'>): string => `${instancePath(s.instanceId)}/config/pgbackrest.conf`;
const keyFile = (s: Spec, at: number): string =>
  `${instancePath(s.instanceId)}/config/pgbackrest-gcs-${String(at + 1)}.json`;

async function write(s: Spec, context: Context<Clients>): Promise<{ file: string }> {
  const { files } = context.clients;
  // The configuration last: it names the other files.
  for (const [path, content] of [...(await filesOf(s, context))].reverse())
    if ((await files.read(path)) !== content) await files.write(path, content);
  return { file: fileOf(s) };
}

/** Everything pgBackRest reads, by path; the configuration itself first. */
async function filesOf(s: Spec, { clients }: Context<Clients>): Promise<Map<string, string>> {
  const opened = await Promise.all(s.repositories.map((one, i) => openRepository(one, clients, keyPath(i))));
  const keys = opened.flatMap(({ key }, i) => (key === undefined ? [] : [[keyFile(s, i), key] as const]));
  return new Map([[fileOf(s), renderPgBackRest({ ...s, repositories: opened.map((one) => one.rendered) })], ...keys]);
}

const keyPath = (at: number): string => `/windlass/config/pgbackrest-gcs-${String(at + 1)}.json`;

/**
 * A repository with its credentials, as pgBackRest wants it. Google's service keys are files: the spec holds them in base64,
 * and `key` is what has to be in the file that the container sees at `keyPath`.
 */
export async function openRepository(
  { options, secret }: z.output<typeof repositorySpec>,
  clients: Pick<Clients, 'secrets'>,
  keyPath: string,
): Promise<{ readonly rendered: RenderedRepository; readonly key?: string }> {
  const { 'gcs-key': key, ...values } = secret === undefined ? {} : await credentials(secret.name, clients);
  const used = Object.entries(values).filter(([name]) => name !== 'cipher-pass' || isEncrypted(options));
  const rendered = { ...options, ...Object.fromEntries(used) };
  if (key === undefined) return { rendered };
  return { rendered: { ...rendered, 'gcs-key': keyPath }, key: Buffer.from(key, 'base64').toString() };
}

const isEncrypted = (options: RenderedRepository): boolean => (options['cipher-type'] ?? 'none') !== 'none';

const sealedValues = z.object({ values: z.record(z.string(), z.string()) });

async function credentials(name: string, { secrets }: Pick<Clients, 'secrets'>): Promise<RenderedRepository> {
  const found = await secrets.get(name);
  if (found === undefined)
    throw new DomainError('server_error', `the credentials '${name}' of a repository are missing`);
  return sealedValues.parse(JSON.parse(found)).values;
}
