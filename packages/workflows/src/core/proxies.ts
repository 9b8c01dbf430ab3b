import { ActivityCancellationType, proxyActivities, type ActivityInterfaceFor } from '@temporalio/workflow';
import type { Activities } from '@windlass/activities';

type Proxy = ActivityInterfaceFor<Activities>;

const QUICK_RETRY = { initialInterval: '100ms', backoffCoefficient: 2, maximumInterval: '5s' } as const;

const RECORD = { startToCloseTimeout: '10s', retry: QUICK_RETRY } as const;
const CONTROL = { ...RECORD, scheduleToCloseTimeout: '1 hour' } as const;

/** How something ended, in etcd: repeated until it is written, or nothing would ever be told of it. */
export const recordFor = (summary: string): Proxy => proxyActivities<Activities>({ ...RECORD, summary });

/** Bookkeeping in etcd: any control worker, repeated while etcd may come back. */
export const control: Proxy = proxyActivities<Activities>(CONTROL);

/** The same, with a few words that Temporal's UI shows beside the name of the activity. */
export const controlFor = (summary: string): Proxy => proxyActivities<Activities>({ ...CONTROL, summary });

/** Looks and checks on one host: a host that is away is known within seconds, not waited for. */
export function lookAt(taskQueue: string, summary: string): Proxy {
  return proxyActivities<Activities>({
    taskQueue,
    summary,
    scheduleToStartTimeout: '5s',
    startToCloseTimeout: '15s',
    retry: { ...QUICK_RETRY, maximumAttempts: 3 },
  });
}

/** Waits for something that is under way elsewhere, for up to two hours. */
export const waiting = (summary: string): Proxy =>
  proxyActivities<Activities>({
    summary,
    startToCloseTimeout: '2 hours',
    heartbeatTimeout: '5s',
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    retry: QUICK_RETRY,
  });

/** One step of a plan: heartbeats every 200 ms, so that a dead worker's step is handed on within two seconds. */
export function stepOn(taskQueue: string, summary: string): Proxy {
  return proxyActivities<Activities>({
    taskQueue,
    summary,
    scheduleToCloseTimeout: '10 minutes',
    scheduleToStartTimeout: '60s',
    startToCloseTimeout: '5 minutes',
    heartbeatTimeout: '1500ms',
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    retry: { ...QUICK_RETRY, maximumAttempts: 20, maximumInterval: '2s' },
  });
}

/** Work that may take hours, on a host that is there. */
const SLOW = {
  scheduleToStartTimeout: '60s',
  startToCloseTimeout: '7 days',
  heartbeatTimeout: '1500ms',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
} as const;

/** A step that may take hours, as it copies data: it says by itself when nothing goes on. */
export function slowStepOn(taskQueue: string, summary: string): Proxy {
  const retry = { ...QUICK_RETRY, maximumAttempts: 20, maximumInterval: '2s' } as const;
  return proxyActivities<Activities>({
    ...{ taskQueue, summary, ...SLOW },
    retry: { ...retry, nonRetryableErrorTypes: ['instance_not_ready'] },
  });
}

/** One move of an operation on an instance: it begins within seconds, or the host counts as away. */
export function moveOn(taskQueue: string, summary: string): Proxy {
  return proxyActivities<Activities>({
    taskQueue,
    summary,
    scheduleToStartTimeout: '5s',
    startToCloseTimeout: '2 minutes',
    heartbeatTimeout: '1500ms',
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    retry: { ...QUICK_RETRY, maximumAttempts: 5, maximumInterval: '1s' },
  });
}

/** A scheduled task that is due waits for the operation that runs; the activity itself knows for how long. */
export const turn: Proxy = proxyActivities<Activities>({
  summary: 'wait until no other operation owns it',
  startToCloseTimeout: '11 minutes',
  heartbeatTimeout: '1500ms',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: { ...QUICK_RETRY, maximumAttempts: 20 },
});

/** Work with a repository that may take hours. Another attempt adopts what a dead worker began. */
export function backupOn(taskQueue: string, summary: string): Proxy {
  return proxyActivities<Activities>({
    ...{ taskQueue, summary, ...SLOW },
    retry: { ...QUICK_RETRY, maximumAttempts: 10, maximumInterval: '2s' },
  });
}

/** A look into the repositories: an answer takes as long as the storage takes. */
export function readOn(taskQueue: string, summary: string): Proxy {
  return proxyActivities<Activities>({
    taskQueue,
    summary,
    scheduleToStartTimeout: '5s',
    startToCloseTimeout: '60s',
    heartbeatTimeout: '1500ms',
    retry: { ...QUICK_RETRY, maximumAttempts: 3 },
  });
}

/** What a task leaves behind. A worker that died has a minute to come back. */
export function cleanUpOn(taskQueue: string, summary: string): Proxy {
  return proxyActivities<Activities>({
    taskQueue,
    summary,
    scheduleToCloseTimeout: '2 minutes',
    scheduleToStartTimeout: '60s',
    startToCloseTimeout: '2 minutes',
    heartbeatTimeout: '1500ms',
    retry: { ...QUICK_RETRY, maximumAttempts: 20, maximumInterval: '2s' },
  });
}

/** Work that has to be carried through once it has begun; its host may be away for an hour. */
export function carryOn(taskQueue: string, summary: string): Proxy {
  return proxyActivities<Activities>({
    taskQueue,
    summary,
    scheduleToCloseTimeout: '1 hour',
    startToCloseTimeout: '5 minutes',
    heartbeatTimeout: '1500ms',
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    retry: { ...QUICK_RETRY, maximumInterval: '2s' },
  });
}
