import { DomainError } from '../errors/index.ts';
import type { Versioned } from '../store/kv.ts';
import type { EntityRef } from './entity-ref.ts';
import { inputsHash } from './inputs-hash.ts';
import type { Step } from './plan-types.ts';
import { refKey, type AnyResource, type Desired, type Ref, type Context } from './resource.ts';
import type { Owned, ResourceState } from './state.ts';
import type { ResourceRecord } from './records.ts';

export interface ApplyInput {
  readonly entity: EntityRef;
  readonly taskId: string;
  readonly step: Step;
  /** Absent for deletes. */
  readonly desired?: Desired | undefined;
}

/** A step of an entity that the task owns now. */
type OwnedStep = ApplyInput & Owned;

export interface Run {
  readonly signal: AbortSignal;
  progress(note: string): void;
  /** Writes a sentence into the log of the task, where there is one. */
  tell?(sentence: string): Promise<void>;
}

/** Called between the lines of a step; tests stop the process here. Production passes none. */
export type StepHook = (point: 'recorded' | 'done' | 'stored', step: Step) => void | Promise<void>;

export type Outcome = 'applied' | 'unchanged';

export interface Applier<C> {
  readonly state: ResourceState;
  readonly clients: C;
  kind(name: string): AnyResource<C>;
  readonly now: () => Date;
  readonly hook?: StepHook | undefined;
}

/** Runs one step and stores what came of it, before and after. Safe to run again after a crash at any line. */
export async function applyStep<C>(applier: Applier<C>, input: ApplyInput, run: Run): Promise<Outcome> {
  const { state } = applier;
  const [held, found, statuses] = await Promise.all([
    state.hold(input.entity, input.taskId),
    state.get(input.entity, input.step.ref),
    input.desired ? dependencyStatuses(state, input.entity, input.desired) : new Map<string, unknown>(),
  ]);
  const owned = { ...input, ...held };
  if (input.step.action === 'delete') return deleteResource(applier, owned, run, found);
  if (!input.desired) throw new DomainError('server_error', `the plan has no spec for '${refKey(input.step.ref)}'`);
  return changeResource(applier, owned, { wanted: input.desired, statuses }, run, found);
}

async function changeResource<C>(
  applier: Applier<C>,
  input: OwnedStep,
  { wanted, statuses }: { readonly wanted: Desired; readonly statuses: ReadonlyMap<string, unknown> },
  run: Run,
  found: Versioned<ResourceRecord> | undefined,
): Promise<Outcome> {
  const { state } = applier;
  const { step, entity, fence } = input;
  const hash = inputsHash(wanted, (ref) => statuses.get(refKey(ref)));
  if (step.reason === 'dependency_changed' && found?.value.phase === 'ready' && found.value.inputsHash === hash)
    return 'unchanged';

  const prior = found?.value;
  const begun: ResourceRecord = {
    ref: wanted.ref,
    version: wanted.version,
    spec: prior?.spec ?? wanted.spec,
    status: step.action === 'create' ? undefined : prior?.status,
    executor: wanted.executor,
    dependsOn: mergeDependencies(prior, wanted),
    within: wanted.within,
    phase: 'applying',
    inputsHash: prior?.inputsHash ?? '',
    taskId: input.taskId,
    updatedAt: applier.now().toISOString(),
  };
  const revision = await state.put(entity, begun, found?.revision ?? 0, fence);
  await applier.hook?.('recorded', step);
  try {
    const status = await perform(applier, input, wanted, prior, statuses, run);
    await applier.hook?.('done', step);
    const done = {
      ...begun,
      spec: wanted.spec,
      dependsOn: wanted.dependsOn,
      status,
      phase: 'ready' as const,
      inputsHash: hash,
    };
    await state.put(entity, { ...done, updatedAt: applier.now().toISOString() }, revision, fence);
  } catch (err) {
    await state
      .put(entity, { ...begun, phase: 'failed', error: messageOf(err) }, revision, fence)
      .catch(() => undefined);
    throw err;
  }
  await applier.hook?.('stored', step);
  return 'applied';
}

async function perform<C>(
  applier: Applier<C>,
  input: OwnedStep,
  wanted: Desired,
  prior: ResourceRecord | undefined,
  statuses: ReadonlyMap<string, unknown>,
  run: Run,
): Promise<unknown> {
  const kind = applier.kind(wanted.ref.kind);
  const context = contextOf(applier, input, statuses, run);
  const spec: unknown = kind.spec.parse(wanted.spec);
  if (input.step.action === 'update' && kind.update && prior) {
    return kind.status.parse(await kind.update(spec, { spec: prior.spec, status: prior.status }, context));
  }
  if (input.step.action === 'replace' && prior) await kind.delete({ spec: prior.spec, status: prior.status }, context);
  return kind.status.parse(await kind.create(spec, context));
}

async function deleteResource<C>(
  applier: Applier<C>,
  input: OwnedStep,
  run: Run,
  found: Versioned<ResourceRecord> | undefined,
): Promise<Outcome> {
  if (!found) return 'unchanged';
  const { state } = applier;
  const { fence } = input;
  const prior = found.value;
  const begun: ResourceRecord = {
    ...prior,
    phase: 'deleting',
    taskId: input.taskId,
    updatedAt: applier.now().toISOString(),
  };
  const revision = await state.put(input.entity, begun, found.revision, fence);
  await applier.hook?.('recorded', input.step);
  try {
    const statuses = await dependencyStatuses(state, input.entity, prior);
    await applier
      .kind(prior.ref.kind)
      .delete({ spec: prior.spec, status: prior.status }, contextOf(applier, input, statuses, run));
    await applier.hook?.('done', input.step);
  } catch (err) {
    await state.put(input.entity, { ...begun, error: messageOf(err) }, revision, fence).catch(() => undefined);
    throw err;
  }
  await state.remove(input.entity, begun, revision, fence);
  await applier.hook?.('stored', input.step);
  return 'applied';
}

export async function dependencyStatuses(
  state: ResourceState,
  entity: EntityRef,
  wanted: Pick<Desired, 'dependsOn'>,
): Promise<Map<string, unknown>> {
  const rows = await Promise.all(
    wanted.dependsOn.map(async ({ ref }) => [refKey(ref), (await state.get(entity, ref))?.value.status] as const),
  );
  return new Map(rows);
}

export function contextOf<C>(
  applier: Pick<Applier<C>, 'clients'>,
  owner: { readonly entity: EntityRef; readonly tenantId?: string | undefined; readonly step: { readonly ref: Ref } },
  statuses: ReadonlyMap<string, unknown>,
  run: Run,
): Context<C> {
  return {
    clients: applier.clients,
    owner: { entity: owner.entity, tenantId: owner.tenantId, ref: owner.step.ref },
    signal: run.signal,
    progress: run.progress,
    tell: (sentence) => run.tell?.(sentence) ?? Promise.resolve(),
    status<S>(ref: Ref<S>): S {
      const status = statuses.get(refKey(ref));
      if (status === undefined) throw new DomainError('server_error', `'${refKey(ref)}' has no status yet`);
      return status as S;
    },
  };
}

/** Until the new spec is in place, deletes must respect the old dependencies as well. */
function mergeDependencies(prior: ResourceRecord | undefined, wanted: Desired): Desired['dependsOn'] {
  const seen = new Set(wanted.dependsOn.map((d) => refKey(d.ref)));
  return [...wanted.dependsOn, ...(prior?.dependsOn ?? []).filter((d) => !seen.has(refKey(d.ref)))];
}

const messageOf = (err: unknown): string => (err instanceof Error ? err.message : String(err)).split('\n')[0] ?? '';
