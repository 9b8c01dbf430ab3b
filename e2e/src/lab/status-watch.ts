import { setTimeout as sleep } from 'node:timers/promises';
import { stateOf } from './cluster.ts';
import type { Sampler } from './sampler.ts';

const INTERVAL_MS = 100;

/** Asks the API for the state of a database all the time and holds it against what the sampler found. */
export class StatusWatch {
  /** The longest time for which `available` was still said after the last write. Milliseconds. */
  lagMs = 0;
  readonly #ended = new AbortController();
  readonly #loop: Promise<void>;

  constructor(databaseId: string, sampler: Sampler) {
    this.#loop = this.#watch(databaseId, sampler);
  }

  async stop(): Promise<void> {
    this.#ended.abort();
    await this.#loop;
  }

  async #watch(databaseId: string, sampler: Sampler): Promise<void> {
    while (!this.#ended.signal.aborted) {
      const silentMs = sampler.silentMs; // before the question: a slow answer is not the status's fault
      const state = await stateOf(databaseId).catch(() => 'no answer');
      if (state === 'available') this.lagMs = Math.max(this.lagMs, silentMs);
      await sleep(INTERVAL_MS);
    }
  }
}
