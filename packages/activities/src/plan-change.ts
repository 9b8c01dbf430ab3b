import {
  foreignStatuses,
  plan,
  planSentences,
  refKey,
  stepSentence,
  waitingSentence,
  type Desired,
  type Finding,
  type Plan,
  type Step,
} from '@windlass/resources/engine';
import { othersNotes, outageNotes, unseenNotes } from '@windlass/resources/compose';
import { DomainError, toFailure } from '@windlass/resources/errors';
import type { ResourceRecord, StoredPlan } from '@windlass/resources/store';
import type { ActivityDeps } from './deps.ts';
import { deferSteps } from './defer-steps.ts';
import { focusPlan, type PlanFocus } from './focus-plan.ts';
import { giveUp } from './give-up.ts';
import { hostOf, hostQueue, placementOf } from './placement.ts';
import { backedUp } from './purge-backups.ts';
import { soleHost } from './sole-host.ts';
import { storePlan } from './stored-plan.ts';
import { appendTaskLog } from './task-log.ts';

/** A step with the queue it runs on; absent when it depends on who is primary when its turn comes. */
export type PlacedStep = Step & {
  readonly queue?: string;
  /** It may take hours. */
  readonly slow?: true;
};

export interface PlanChangeInput {
  readonly databaseId: string;
  readonly taskId: string;
  /** Revision of the spec the task was accepted for; absent for a delete. */
  readonly revision?: number;
  readonly findings: readonly Finding[];
  /** Queues that did not answer: their resources are taken as stored. */
  readonly unreachable: readonly string[];
  readonly force?: boolean;
  /** Image of an upgrade, by name or id. */
  readonly image?: string;
  /** Of a delete: the backups were removed. */
  readonly purgeBackups?: boolean;
  /** Leaves out every step that is about something else. */
  readonly only?: PlanFocus;
  /** Ids of the hosts among them that will not come back: what is on them is given up. */
  readonly givenUpHosts?: readonly string[];
}

/** Plans the difference and stores it with the task, before anything is changed. */
export function planChange(deps: ActivityDeps) {
  return async function planChange(input: PlanChangeInput): Promise<{ steps: PlacedStep[] }> {
    const { databaseId, taskId, revision } = input;
    try {
      const stored = revision === undefined ? undefined : await specAt(deps, `specs/${databaseId}`, revision);
      const current = await deps.state.list({ kind: 'database', id: databaseId });
      const findings = [
        ...input.findings,
        ...(await unreachableFindings(deps, databaseId, current, input.unreachable)),
      ];
      const whole = await makePlan(deps, databaseId, stored, current, findings, input.findings, input);
      const { desired } = whole;
      const result = input.only ? focusPlan(whole.result, { desired, current }, input.only) : whole.result;
      const { now, later: left } = await divide(deps, databaseId, result.steps, input.unreachable);
      const { later, givenUp } = giveUp(left, current, desired, input.givenUpHosts ?? []);
      const value: StoredPlan = {
        steps: now,
        deferred: later,
        ...(result.waiting && { waiting: result.waiting }),
        ...(givenUp.length > 0 && { givenUp }),
        sentences: [
          ...planSentences({ ...result, steps: now }),
          ...later.map(laterSentence),
          ...(stored === undefined ? backupSentences(current, input.purgeBackups ?? false) : []),
          ...givenUp.map((ref) => `give up ${refKey(ref)}: its host is gone`),
        ],
        createdAt: new Date().toISOString(),
      };
      await storePlan(deps.kv, { databaseId, taskId }, value, desired);
      if (stored === undefined)
        for (const sentence of backupSentences(current, input.purgeBackups ?? false))
          await appendTaskLog(deps.kv, { databaseId, taskId }, sentence);
      if (current.length > 0) await appendTaskLog(deps.kv, { databaseId, taskId }, 'finished refreshing current state');
      for (const step of result.waiting ?? [])
        await appendTaskLog(deps.kv, { databaseId, taskId }, waitingSentence(step));
      for (const sentence of whole.unseen) await appendTaskLog(deps.kv, { databaseId, taskId }, sentence);
      for (const host of input.unreachable.map(hostOf))
        await appendTaskLog(
          deps.kv,
          { databaseId, taskId },
          input.givenUpHosts?.includes(host)
            ? `host '${host}' is gone: what is on it is given up`
            : `host '${host}' did not answer: its part is left for later`,
        );
      return { steps: await place(deps, databaseId, now, [...desired, ...current], input.unreachable) };
    } catch (err) {
      throw toFailure(err);
    }
  };
}

/** A plan for a spec that was only proposed; nothing is stored, nothing changes. */
export function planProposal(deps: ActivityDeps) {
  return async function planProposal(input: {
    readonly databaseId: string;
    readonly proposalId: string;
    readonly findings: readonly Finding[];
    readonly unreachable: readonly string[];
  }): Promise<{ steps: readonly Step[]; sentences: string[] }> {
    const proposal = await deps.kv.get(`proposals/${input.proposalId}`);
    if (!proposal) throw toFailure(new DomainError('not_found', `no proposal '${input.proposalId}': it has expired`));
    const current = await deps.state.list({ kind: 'database', id: input.databaseId });
    const findings = [
      ...input.findings,
      ...(await unreachableFindings(deps, input.databaseId, current, input.unreachable)),
    ];
    const { result } = await makePlan(deps, input.databaseId, proposal.value, current, findings, input.findings);
    const { now, later } = await divide(deps, input.databaseId, result.steps, input.unreachable);
    return { steps: now, sentences: [...planSentences({ ...result, steps: now }), ...later.map(laterSentence)] };
  };
}

const divide = (deps: ActivityDeps, databaseId: string, steps: readonly Step[], away: readonly string[]) =>
  deferSteps(steps, away, placementOf(deps, databaseId), (kind) => deps.kind(kind).deletableAt);

/** A delete says what becomes of the backups. */
const backupSentences = (current: readonly ResourceRecord[], purged: boolean): string[] =>
  backedUp(current).map((name) =>
    purged ? `the backups of node ${name} are removed` : `the backups of node ${name} are kept in its repositories`,
  );

const laterSentence = (step: Step): string => `${stepSentence(step)}, as soon as its host answers`;

async function makePlan(
  deps: ActivityDeps,
  databaseId: string,
  stored: unknown,
  current: readonly ResourceRecord[],
  findings: readonly Finding[],
  looked: readonly Finding[],
  { force = false, image }: Pick<PlanChangeInput, 'force' | 'image'> = {},
): Promise<{ desired: readonly Desired[]; result: Plan; unseen: readonly string[] }> {
  const desired = stored === undefined ? [] : await deps.compose(databaseId, stored, image);
  const kindFacts = (name: string) => {
    const kind = deps.kind(name);
    return {
      immutable: kind.immutable ?? [],
      updatable: kind.update !== undefined,
      ...(kind.replaces && { replaces: kind.replaces }),
      ...(kind.interrupts && { interrupts: kind.interrupts }),
      ...(kind.interruptedBy && { interruptedBy: kind.interruptedBy }),
      ...(kind.leads && { leads: kind.leads }),
    };
  };
  const primaries = await primariesOf(deps, desired);
  const inCharge = (group: string): string | undefined => primaries.get(group);
  const foreign = await foreignStatuses(deps.kv, desired);
  const result = plan({ current, desired, findings, foreign, force, kindFacts, inCharge });
  const outages = outageNotes(result.steps, desired, primaries);
  const unseen = unseenNotes(result.steps, desired, looked);
  const notes = [...outages, ...othersNotes(result.steps, desired, looked, primaries), ...unseen];
  return { desired, result: { ...result, ...(notes.length > 0 && { notes }) }, unseen };
}

/** Of every rolling group the member whose turn comes last: the primary. */
async function primariesOf(deps: ActivityDeps, desired: readonly Desired[]): Promise<Map<string, string>> {
  const groups = [...new Set(desired.flatMap((d) => (d.rolling ? [d.rolling.group] : [])))];
  const found = await Promise.all(groups.map(async (group) => [group, await deps.clients.dcs.leader(group)] as const));
  return new Map(found.flatMap(([group, leader]) => (leader === undefined ? [] : [[group, leader]])));
}

async function specAt(deps: ActivityDeps, key: string, revision: number): Promise<unknown> {
  const found = await deps.kv.get(key);
  if (!found) throw new DomainError('not_found', `there is no spec at '${key}'`);
  if (found.revision !== revision) {
    throw new DomainError(
      'revision_conflict',
      `the spec is at revision ${String(found.revision)}, the task was accepted for ${String(revision)}`,
    );
  }
  return found.value;
}

async function unreachableFindings(
  deps: ActivityDeps,
  databaseId: string,
  current: readonly ResourceRecord[],
  queues: readonly string[],
): Promise<Finding[]> {
  if (queues.length === 0) return [];
  const findings: Finding[] = [];
  const queueOf = placementOf(deps, databaseId);
  for (const { ref, executor } of current) {
    const queue = await queueOf(executor);
    if (queues.includes(queue))
      findings.push({ ref, missing: false, drift: [], unreachable: `${queue} does not answer` });
  }
  return findings;
}

/** A step at the primary has its queue now when there is only one host on which the primary can be. */
async function place(
  deps: ActivityDeps,
  databaseId: string,
  steps: readonly Step[],
  resources: readonly (Desired | ResourceRecord)[],
  away: readonly string[],
): Promise<PlacedStep[]> {
  const placed: PlacedStep[] = [];
  const queueOf = placementOf(deps, databaseId, away);
  for (const one of steps) {
    const slow = one.action !== 'delete' && deps.kind(one.ref.kind).slow;
    const step = slow ? { ...one, slow } : one;
    const { executor } = step;
    const host = executor.on === 'primary' ? soleHost(resources, executor.node) : undefined;
    if (host !== undefined) placed.push({ ...step, queue: hostQueue(host) });
    else if (executor.on === 'primary') placed.push(step);
    else placed.push({ ...step, queue: await queueOf(executor) });
  }
  return placed;
}
