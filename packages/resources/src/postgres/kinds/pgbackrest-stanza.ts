import { z } from 'zod';
import type { Clients } from '../clients/ports.ts';
import type { Context } from '../../engine/resource.ts';
import { domainErrorOf } from '../../errors/index.ts';
import { afterArchiver } from '../inside/after-archiver.ts';
import { defineResource } from './define.ts';
import { endSegment } from '../inside/end-segment.ts';
import { patroniCluster } from './patroni-cluster.ts';
import { pgbackrestConfig, repositorySpec } from './pgbackrest-config.ts';
import { pgbackrest } from '../inside/pgbackrest-run.ts';
import { primaryService, withPrimary } from '../inside/with-primary.ts';

const spec = z.strictObject({
  nodeName: z.string(),
  scope: z.string(),
  /** Instance ids, sorted. */
  members: z.array(z.string()),
  /** Another repository, or other credentials: the stanza is made sure of again. */
  repositories: z.array(repositorySpec).min(1),
});
type Spec = z.output<typeof spec>;

/** Exit code of pgBackRest when the stanza in a repository belongs to another cluster. */
const MISMATCH = 28;
/** Exit code of pgBackRest when a repository has none. */
const MISSING = 55;
/** pgBackRest numbers them up to here. */
const MAX_REPOSITORIES = 256;

/**
 * The place of a node in each of its repositories, made by the primary. Where a former database of this name left
 * backups they stay, and its history goes on with the new one. Deleting it deletes no backups.
 */
export const pgbackrestStanza = defineResource({
  kind: 'pgbackrest.stanza',
  version: 1,
  spec,
  status: z.strictObject({ repositories: z.int() }),
  id: (s) => s.scope,
  executor: (s) => ({ on: 'primary', node: s.nodeName }),
  dependsOn: (s) => s.members.map((member) => ({ ref: pgbackrestConfig.ref(member) })),
  within: (s) => patroniCluster.ref(s.scope),

  /** A repository that does not answer is a condition of the database; asking it would hold up every update. */
  refresh: (prior) =>
    Promise.resolve({ status: prior.status ?? { repositories: prior.spec.repositories.length }, drift: [] }),
  create: ensure,
  update: (s, _prior, context) => ensure(s, context),
  delete: () => Promise.resolve(),
});

async function ensure(s: Spec, { clients, signal, progress }: Context<Clients>): Promise<{ repositories: number }> {
  progress('making the stanza in each repository');
  await makeStanza(clients, s.scope, signal);
  return { repositories: s.repositories.length };
}

/**
 * Of a node, by its primary, which is on this host. Where the stanza is there already nothing changes. Postgres' archiver waits
 * a minute after three attempts that failed, and until now there was no stanza: the end of a segment wakes it.
 */
export async function makeStanza(clients: Clients, scope: string, signal: AbortSignal): Promise<void> {
  const service = await primaryService(clients, scope);
  await makeEverywhere((command) =>
    afterArchiver(clients, service, signal, () => pgbackrest(clients, service, { args: [command], signal })),
  );
  await withPrimary(clients, scope, 'postgres', signal, endSegment);
}

/**
 * One command is for repositories that are new, the other for those that had another cluster. Either stops at the first that
 * is not its own: each round brings one repository further, at least.
 */
async function makeEverywhere(run: (command: string) => Promise<string>): Promise<void> {
  for (let round = 0; round < MAX_REPOSITORIES; round += 1) {
    if (await succeeds(run('stanza-create'), MISMATCH)) return;
    if (await succeeds(run('stanza-upgrade'), MISSING)) return;
  }
  await run('stanza-create');
}

/** Whether pgBackRest failed because a repository has no stanza, or that of another cluster. */
export const lacksStanza = (err: unknown): boolean =>
  [MISSING, MISMATCH].includes(Number(domainErrorOf(err)?.details['exitCode']));

/** False when it ended with this exit code of pgBackRest. */
async function succeeds(command: Promise<string>, but: number): Promise<boolean> {
  try {
    await command;
    return true;
  } catch (err) {
    if (domainErrorOf(err)?.details['exitCode'] !== but) throw err;
    return false;
  }
}
