import { WindlassError, type Kind } from '@windlass/client';
import { callOn, missing, readEntity, sure } from '../entity.ts';
import { accepted, type WaitFlags } from '../follow.ts';
import type { JsonObject } from '@windlass/client/json';
import { printPlan, stepsOf } from '../output/plan.ts';
import type { Session } from '../session.ts';
import { differences, secretNames, type Change } from './difference.ts';
import { placed } from './locate.ts';
import type { Declaration } from './read.ts';

export type ApplyFlags = WaitFlags & { readonly yes?: boolean; readonly dryRun?: boolean };
/** What is wanted; from a file when errors can point into it. */
export type Wanted = Omit<Declaration, 'source'> &
  Partial<Pick<Declaration, 'source'>> & {
    /** Of what it was made from: nobody else's change in between is undone. */
    readonly revision?: string | undefined;
  };

/** Shows what it would do and why, asks, and does it. */
export async function apply(
  session: Session,
  wanted: Wanted,
  flags: ApplyFlags,
  /** Told when the server has taken it, before it is waited for. */
  onAccepted: () => void = () => undefined,
): Promise<void> {
  const look = await lookAt(session, wanted);
  await showPlan(session, wanted, look.plan);
  if (flags.dryRun === true) return;
  if (stepsOf(look.plan).length === 0 && look.changes.length === 0) return;
  await sure(session, flags.yes, `Do this to ${wanted.kind} ${wanted.id}?`);
  const { kind, exists } = look;
  const answer = exists
    ? await told(wanted, callOn(session, kind.update ?? missing(kind, 'changed'), [wanted.id], { body: bodyOf(wanted), ifMatch: wanted.revision }))
    : await told(wanted, callOn(session, kind.create ?? missing(kind, 'created'), [], { body: wanted.body }));
  onAccepted();
  await accepted(session, answer, flags);
} // prettier-ignore

export async function showPlan(session: Session, wanted: Wanted, plan: unknown): Promise<void> {
  if (session.format === 'table') session.terminal.out(`${session.paint('bold', `${wanted.kind} ${wanted.id}`)}\n`);
  await printPlan(session, plan);
}

/** What there is, how it differs, and what would be done about it. */
export async function lookAt(session: Session, wanted: Wanted) {
  const kind = await session.kind(wanted.kind);
  const there = await find(session, kind, wanted.id);
  const plan = there
    ? await told(wanted, callOn(session, kind.planUpdate ?? missing(kind, 'planned'), [wanted.id], { body: bodyOf(wanted) }))
    : await told(wanted, callOn(session, kind.planCreate ?? missing(kind, 'planned'), [], { body: wanted.body })); // prettier-ignore
  return { kind, plan, exists: there !== undefined, changes: await changesOf(session, there, wanted) };
}

/** Undefined when there is none. */
const find = (session: Session, kind: Kind, id: string): Promise<JsonObject | undefined> =>
  readEntity(session, kind, id).catch((err: unknown) => {
    if (err instanceof WindlassError && err.status === 404) return undefined;
    throw err;
  });

export async function exists(session: Session, kind: string, id: string): Promise<boolean> {
  return (await find(session, await session.kind(kind), id)) !== undefined;
}

export async function changesOf(
  session: Session,
  there: JsonObject | undefined,
  { body }: Wanted,
): Promise<readonly Change[]> {
  const secret = secretNames(await (await session.client()).document());
  return differences(there?.['spec'], body['spec'], secret);
}

/** An update has the id in its path alone. */
function bodyOf({ body }: Wanted): JsonObject {
  const { id: _, ...rest } = body;
  return rest;
}

/** With the place in the file of what is wrong. */
async function told(wanted: Wanted, answer: Promise<unknown>): Promise<unknown> {
  const { source } = wanted;
  if (source === undefined) return answer;
  return answer.catch(async (err: unknown) => {
    throw await placed(err, { ...wanted, source });
  });
}
