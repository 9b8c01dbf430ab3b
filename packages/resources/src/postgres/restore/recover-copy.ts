import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Clients, ExecResult } from '../clients/ports.ts';
import type { Run } from '../../engine/apply.ts';
import type { RestoreTarget } from '../spec/restore-target.ts';
import { prepareWork } from './prepare-work.ts';
import { schemaStays } from '../inside/schema-stays.ts';
import { databasesToProve, LOST_FILES } from '../backups/proof.ts';
import { afterRecovery, FACTS, recoverySettings } from './recovery-files.ts';
import { refuseInseparable } from './refuse-inseparable.ts';
import { lastFault, restoreFailed, restorePaths, runScript } from './restore-place.ts';
import type { RecoveredCopy, RestoreAims, RestoreOrigin, RestorePlace } from './restore-wish.ts';

const facts = z.object({
  timeline: z.number(),
  systemIdentifier: z.string(),
  lastCommitAt: z.string().nullish(),
});

export interface Recovery {
  /** Directory of the copy, relative to the worker's root. */
  readonly data: string;
  /** Absent: an earlier data directory goes on where it was stopped. */
  readonly origin?: RestoreOrigin | undefined;
  readonly aims: RestoreAims;
  readonly target: RestoreTarget;
  /** As in `Work`. */
  readonly former?: boolean | undefined;
  /** `current`: that of the data itself; absent: the latest there is. */
  readonly timeline?: number | 'current' | undefined;
  /** It is the copy of a node that runs. Called when it takes writes: with the directory of its socket, on this host. */
  readonly ofNode?: Adopt | undefined;
}

/**
 * Recovers the copy until the target in a Postgres of its own, which nobody reaches, and stops it cleanly. From then on it is a
 * database on a timeline that never was. Safe to repeat at any moment.
 */
export async function recoverCopy(
  clients: Clients,
  place: RestorePlace,
  recovery: Recovery,
  { signal, progress }: Run,
): Promise<RecoveredCopy> {
  const { work, workInside } = restorePaths(place);
  const { files } = clients;
  await prepareWork(clients, place, { ...recovery, ofNode: recovery.ofNode !== undefined });
  const content = {
    'postgresql.conf': recoverySettings(workInside, recovery.target, recovery.timeline),
    'after.sql': afterRecovery(recovery.aims),
    'facts.sql': FACTS,
    'databases.sql': databasesToProve(namesOf(recovery.origin)),
    'lost.sql': LOST_FILES,
  };
  for (const [name, text] of Object.entries(content)) await files.write(`${work}/${name}`, text);
  const isApart = recovery.origin !== undefined || recovery.ofNode !== undefined;
  if (!isApart) await refuseInseparable(clients, place, { signal }); // nobody has looked before
  progress('recovering the copy');
  const onOutput = (text: string): void => progress(text.trim().split('\n').at(-1) ?? '');
  const run = (all: AbortSignal): Promise<ExecResult> =>
    runScript(clients, place, 'recover', [], { signal: all, onOutput, apart: isApart });
  await files.removeTree(`${work}/adopts`); // of a recovery before this one
  let stays: string | undefined;
  const leave: Adopt = async (directory, all) => void (stays = await leaveNode(clients, recovery.aims, directory, all));
  const adopt = recovery.ofNode ?? (recovery.origin && leave);
  const result = adopt ? await whileItServes(clients, place, { signal, run, adopt }) : await run(signal);
  if (result.exitCode !== 0) throw restoreFailed(reasonOf(result, recovery));
  const { lastCommitAt, ...found } = facts.parse(JSON.parse((await files.read(`${work}/facts.json`)) ?? 'null'));
  return { ...found, ...(typeof lastCommitAt === 'string' && { lastCommitAt }), ...(stays !== undefined && { stays }) };
}

/**
 * The backup may be of a node of several. What was made for replication goes: slots, positions and numbers are those of then, and no node reads from this
 * one. Nodes that are added are copies of it.
 */
async function leaveNode(
  { replication }: Clients,
  { databaseName }: RestoreAims,
  directory: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  return schemaStays(databaseName, await replication.leaveCopy({ directory, database: databaseName, signal }));
}

type Adopt = (directory: string, signal: AbortSignal) => Promise<void>;

const LOOK_EVERY_MS = 50;

interface Serving {
  readonly signal: AbortSignal;
  run(signal: AbortSignal): Promise<ExecResult>;
  readonly adopt: Adopt;
}

/** Runs the recovery, and does the work on the copy once it takes writes; what fails of the two ends both. */
async function whileItServes(
  { files }: Clients,
  place: RestorePlace,
  { signal, run, adopt }: Serving,
): Promise<ExecResult> {
  const { work } = restorePaths(place);
  await files.removeTree(`${work}/serving`);
  await files.write(`${work}/adopts`, '');
  const over = new AbortController();
  const all = AbortSignal.any([signal, over.signal]);
  const adopting = (async (): Promise<void> => {
    while ((await files.read(`${work}/serving`)) === undefined) await sleep(LOOK_EVERY_MS, undefined, { signal: all });
    await adopt(files.absolute(work), all);
    await files.write(`${work}/adopted`, '');
  })();
  adopting.catch(() => over.abort());
  let fault: unknown;
  const ran = await run(all).catch((err: unknown) => void (fault = err));
  over.abort();
  await adopting.catch((err: unknown) => {
    if (fault !== undefined && !signal.aborted) fault = err; // it ended the recovery
  });
  if (ran === undefined) throw fault;
  return ran;
}

/** pgBackRest leaves nothing in the other databases of a backup that is restored in part. */
function namesOf(origin: RestoreOrigin | undefined): string[] | undefined {
  const included = origin?.passed['db-include'];
  return included === undefined ? undefined : [included, 'postgres', 'template1'];
}

function reasonOf(result: ExecResult, { target }: Recovery): string {
  const fault = lastFault(result);
  const what = `${target.type} '${target.value ?? ''}'`;
  if (/recovery ended before configured recovery target was reached/.test(`${result.stdout}${result.stderr}`))
    return `the archive ends before the target, ${what}: nothing that late was archived, or the backup is later than it`;
  return `the copy cannot be recovered: ${fault}`;
}
