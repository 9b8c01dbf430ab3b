import { Context } from '@temporalio/activity';
import type { Run } from '@windlass/resources/engine';
import { WaitTeller, type Tell } from './tell-waits.ts';

/** Temporal's context as the engine sees it: an abort signal, and progress as heartbeats. */
export function currentRun(): Run {
  const context = Context.current();
  return { signal: context.cancellationSignal, progress: (note) => context.heartbeat(note) };
}

/**
 * Runs `work` with a heartbeat every 200 ms, so that a dead worker is noticed within the heartbeat timeout. `tell` gets what it
 * waits for when that lasts.
 */
export async function withHeartbeat<T>(work: (run: Run) => Promise<T>, tell?: Tell): Promise<T> {
  const context = Context.current();
  const teller = tell && new WaitTeller(tell);
  let note = '';
  const timer = setInterval(() => {
    context.heartbeat(note);
    teller?.look();
  }, 200);
  try {
    return await work({
      signal: context.cancellationSignal,
      progress: (text) => {
        note = text;
        teller?.note(text);
        context.heartbeat(text);
      },
    });
  } finally {
    clearInterval(timer);
  }
}
