import { CancelledFailure, Context } from '@temporalio/activity';
import type { Activities, NodeFacts, PlacedStep } from '@windlass/activities';
import { DomainError, toFailure } from '@windlass/resources/errors';
import type { EntityRef } from '@windlass/resources/engine';
import { refKey, type Finding } from '@windlass/resources/plan';

/** What one operation's activities answer; whatever is left out succeeds at once and finds nothing. */
export interface Script {
  readonly refreshQueues?: readonly string[];
  readonly hostQueues?: readonly string[];
  readonly steps?: readonly PlacedStep[];
  readonly findings?: readonly Finding[];
  /** Of a removal: what is to be waited for, and who takes the node out of the swarm. */
  readonly removal?: Partial<Awaited<ReturnType<Activities['beginRemoval']>>>;
  /** Of a drain: the switchovers to be waited for. */
  readonly moves?: Awaited<ReturnType<Activities['beginDrain']>>['moves'];
  /** How the updates of a removal, or the switchovers of a drain, fail, by database. */
  readonly failures?: Readonly<Record<string, string>>;
  /** Runs inside the step with this label, `create kind::id`. Cancelling the operation aborts `canceled`. */
  apply?(label: string, canceled: Promise<never>): Promise<void> | void;
  /** Steps do not heartbeat, as if their worker had died. */
  readonly silent?: boolean;
  plan?(canceled: Promise<never>): Promise<void> | void;
  finish?(attempt: number): void;
  /** The node an operation is about. */
  readonly node?: NodeFacts;
  /** Whether the primary says that it runs. */
  readonly lives?: boolean;
  /** What a run of a schedule finds when it asks to begin; the last answer goes for all further ones. */
  readonly opens?: readonly Awaited<ReturnType<Activities['openScheduledBackup']>>[];
  /** What a scheduled verification is to prove. */
  readonly due?: Awaited<ReturnType<Activities['findDueBackups']>>;
  /** Replicas that are healthy. */
  readonly standbys?: readonly string[];
  /** How verifying a backup fails, by its label. */
  readonly damaged?: Readonly<Record<string, string>>;
  /** Runs before any activity begins; what hangs there hears of a cancel by `canceled`. */
  before?(activity: keyof Activities, canceled: Promise<never>): Promise<void> | void;
  /** Where a restore is done, by node. */
  readonly sites?: Readonly<Record<string, Awaited<ReturnType<Activities['locateRestore']>>>>;
  /** Runs inside each move of an operation, as `apply` does inside a step. */
  move?(activity: Call['activity'], canceled: Promise<never>): Promise<void> | void;
}

export interface Call {
  readonly activity: keyof Activities | 'applied';
  readonly queue: string;
  readonly input: unknown;
  /** Of a step: `create kind::id`. */
  readonly label?: string;
}

interface Named {
  readonly candidate?: string;
}

interface About {
  readonly entity?: EntityRef;
  readonly databaseId?: string;
  readonly hostId?: string;
  readonly log?: About;
}

/**
 * The database or the host an input is about. An input that names an entity names its database as well: workers of
 * earlier releases look for that.
 */
function flowOf(input: About): string {
  const { entity, databaseId, hostId } = input.log ?? input;
  if (entity && (entity.kind !== 'database' || entity.id !== databaseId))
    throw new Error(`an earlier release would not know which database ${JSON.stringify(entity)} is`);
  return databaseId ?? hostId ?? '';
}

type Fakes = { [K in keyof Activities]?: (input: Parameters<Activities[K]>[0]) => Promise<unknown> };

/** Activities that follow the script of their database and note every call in the order in which it came. */
export function createFakeActivities(scriptOf: (databaseId: string) => { script: Script; calls: Call[] }): Fakes {
  const note = (activity: Call['activity'], input: object, label?: string): Script => {
    const { script, calls } = scriptOf(flowOf(input));
    calls.push({ activity, queue: Context.current().info.taskQueue, input, ...(label !== undefined && { label }) });
    return script;
  };
  const move =
    <A>(activity: keyof Activities, answer: (input: Named, script: Script) => A) =>
    async (input: object): Promise<A> => {
      const script = note(activity, input);
      await beating(async () => script.move?.(activity, cancellation()));
      return answer(input, script);
    };
  const nothing = (): void => undefined;
  return holdable(scriptOf, {
    beginOperation: move('beginOperation', nothing),
    beginWaiting: move('beginWaiting', nothing),
    takeDatabase: move('takeDatabase', nothing),
    findNode: move('findNode', (_input, { node = { scope: 's', members: [] } }) => node),
    prepareSwitchover: move('prepareSwitchover', ({ candidate = 'b' }) => ({ candidate })),
    switchOver: move('switchOver', nothing),
    awaitReady: move('awaitReady', nothing),
    noteStart: move('noteStart', () => 'then'),
    restartPostgres: move('restartPostgres', nothing),
    setStopped: move('setStopped', nothing),
    remakeNodes: move('remakeNodes', () => ({ revision: 8 })),
    checkPrimary: move('checkPrimary', (_input, { lives = false }) => lives),
    awaitRelease: move('awaitRelease', nothing),
    prepareFailover: move('prepareFailover', ({ candidate = 'b' }) => ({ candidate })),
    failOver: move('failOver', ({ candidate = '' }) => ({ primary: candidate })),
    beginBeside: move('beginBeside', nothing),
    noteInstance: move('noteInstance', nothing),
    readCatalogue: move('readCatalogue', () => ({ backups: [], repositories: [] })),
    takeBackup: move('takeBackup', () => []),
    findStandbys: move('findStandbys', (_input, { standbys = [] }) => [...standbys]),
    openStandby: move('openStandby', nothing),
    closeStandby: move('closeStandby', nothing),
    skipTransaction: move('skipTransaction', nothing),
    compareNodes: move('compareNodes', nothing),
    readConflicts: move('readConflicts', () => ({ sealed: {} })),
    openLogin: move('openLogin', () => ({ sealed: {} })),
    readLog: move('readLog', () => ({ sealed: {} })),
    findDueBackups: move('findDueBackups', (_input, { due = { backups: [], lacking: [] } }) => due),
    openScheduledBackup: async (input) => {
      const { opens = [] } = note('openScheduledBackup', input);
      const asked = scriptOf(input.databaseId).calls.filter((c) => c.activity === 'openScheduledBackup').length;
      return opens[asked - 1] ?? opens.at(-1) ?? { outcome: 'open', taskId: 'task-1' };
    },
    recordScheduledBackup: async (input) => void note('recordScheduledBackup', input),
    verifyBackup: async (input) => {
      const { move: inside, damaged = {} } = note('verifyBackup', input, input.label);
      await beating(async () => inside?.('verifyBackup', cancellation()));
      const reason = damaged[input.label];
      if (reason !== undefined) throw toFailure(new DomainError('backup_damaged', reason));
    },
    beginTask: async (input) => ({ refreshQueues: note('beginTask', input).refreshQueues ?? [] }),
    listQueues: async (input) => {
      const { refreshQueues = [], hostQueues = [] } = note('listQueues', input);
      return { refreshQueues, hostQueues };
    },
    refreshHost: async (input) => note('refreshHost', input).findings ?? [],
    planChange: async (input) => {
      const script = note('planChange', input);
      await script.plan?.(cancellation());
      return { steps: script.steps ?? [] };
    },
    planProposal: async (input) => ({ steps: note('planProposal', input).steps ?? [], sentences: [] }),
    placeStep: async (input) => {
      note('placeStep', input);
      return 'host.h1';
    },
    applyStep: async (input) => {
      const label = `${input.step.action} ${refKey(input.step.ref)}`;
      const script = note('applyStep', input, label);
      const work = async (): Promise<void> => script.apply?.(label, cancellation());
      await (script.silent ? work() : beating(work));
      note('applied', input, label);
      return { outcome: 'done' };
    },
    sampleInstances: async (input) => void note('sampleInstances', input),
    finishTask: async (input) => note('finishTask', input).finish?.(Context.current().info.attempt),
    beginRemoval: async ({ hostId }) => ({
      updates: [],
      ...note('beginRemoval', { hostId }).removal,
    }),
    awaitUpdate: async (input) => {
      const { failures = {} } = note('awaitUpdate', input);
      const failed = failures[input.update.databaseId];
      return failed === undefined ? {} : { failed };
    },
    leaveSwarm: async (input) => void note('leaveSwarm', input),
    forgetHost: async (input) => void note('forgetHost', input),
    failRemoval: async (input) => void note('failRemoval', input),
    beginDrain: async ({ hostId }) => ({ moves: note('beginDrain', { hostId }).moves ?? [] }),
    awaitMove: async (input) => {
      const { failures = {} } = note('awaitMove', input);
      const failed = failures[input.move.databaseId];
      return failed === undefined ? {} : { failed };
    },
    endDrain: async (input) => void note('endDrain', input),
    validateHost: async (input) => {
      note('validateHost', input);
      return [`looked at by ${Context.current().info.taskQueue}`];
    },
    removeBackup: move('removeBackup', nothing),
    listBackedUp: move('listBackedUp', () => ['n1']),
    purgeBackups: move('purgeBackups', nothing),
    dropBackupDirectory: move('dropBackupDirectory', nothing),
    forgetRepositories: move('forgetRepositories', nothing),
    locateRestore: async (input) => {
      const { sites = {} } = note('locateRestore', input);
      const site = sites[input.nodeName];
      if (!site) throw new Error(`no site for node '${input.nodeName}'`);
      return site;
    },
    archiveNow: async (input) => void note('archiveNow', input),
    findBackup: move('findBackup', () => ({ label: 'F', bytes: 1 })),
    copyBackup: move('copyBackup', nothing),
    recoverCopy: move('recoverCopy', () => ({ timeline: 1, systemIdentifier: '1' })),
    holdInstance: move('holdInstance', () => true),
    releaseInstance: move('releaseInstance', nothing),
    swapData: move('swapData', nothing),
    swapDataBack: move('swapDataBack', nothing),
    dropData: move('dropData', nothing),
    noteSwap: move('noteSwap', nothing),
    resumeBackups: move('resumeBackups', nothing),
    discardRestore: move('discardRestore', nothing),
  });
}

/** The same, each with the script's `before` in front of it. */
function holdable(scriptOf: (databaseId: string) => { script: Script }, fakes: Fakes): Fakes {
  const all = Object.entries(fakes as Record<string, (input: never) => Promise<unknown>>);
  return Object.fromEntries(
    all.map(([name, fake]) => [
      name,
      async (input: object): Promise<unknown> => {
        const { script } = scriptOf(flowOf(input));
        if (script.before) await beating(async () => script.before?.(name as keyof Activities, cancellation()));
        return fake(input as never);
      },
    ]),
  ) as Fakes;
}

/** Rejects when the activity is cancelled; never resolves. */
function cancellation(): Promise<never> {
  const { cancelled } = Context.current();
  cancelled.catch((err: unknown) => err instanceof CancelledFailure);
  return cancelled;
}

/** With heartbeats, which is how a step hears that it is cancelled. */
async function beating(work: () => Promise<void>): Promise<void> {
  const context = Context.current();
  const timer = setInterval(() => context.heartbeat(), 50);
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
}
