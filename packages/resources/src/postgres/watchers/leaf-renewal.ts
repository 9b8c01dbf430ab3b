import { setTimeout as delay } from 'node:timers/promises';
import { leafTimes, lookAgainMs, type LeafBook } from '../../platform/leaves/index.ts';
import type { Log } from '../../watcher/log.ts';
import type { Clients } from '../clients/ports.ts';
import { reloadCertificates, renewCertificates, renewReplicatorCertificate } from '../kinds/index.ts';

/** A database may come at any time, with certificates of any lifetime. */
const FIRST_LOOK_MS = 1000;
/** What runs and has not read its new certificate is asked again after this long. */
const ASK_AGAIN_MS = 2000;
const RELOAD_WITHIN_MS = 5000;

/**
 * Renews the certificates of this host's instances and replicators before they end, whatever tasks do: no server, no plan and no
 * restart is needed. Where this host may not sign itself, a server does, and is asked again at the next look when none answers.
 */
export class LeafRenewal {
  readonly #clients: Clients;
  readonly #book: LeafBook;
  readonly #instances: () => readonly { readonly instanceId: string }[];
  readonly #log: Log;
  readonly #stop = new AbortController();
  #noted = new Set<string>();
  /** Those that have read what is there. A worker that was just started does not know, and has them read it. */
  #told = new Set<string>();
  #work: Promise<void> = Promise.resolve();

  constructor(clients: Clients, book: LeafBook, instances: () => readonly { readonly instanceId: string }[], log: Log) {
    this.#clients = clients;
    this.#book = book;
    this.#instances = instances;
    this.#log = log;
  }

  start(): void {
    this.#work = this.#rounds().catch((err: unknown) => {
      if (!this.#stop.signal.aborted) throw err;
    });
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#work;
  }

  /** One round over the instances of this host. */
  async look(): Promise<void> {
    const before = this.#noted;
    this.#noted = new Set();
    for (const { instanceId } of this.#instances()) {
      await this.#keep(instanceId, `instance ${instanceId}`, () => this.#instance(instanceId));
      await this.#keep(instanceId, `the replicator of ${instanceId}`, () =>
        renewReplicatorCertificate(instanceId, this.#clients),
      );
    }
    for (const whose of before) if (!this.#noted.has(whose)) this.#book.forget(whose);
    await Promise.all(this.#untold().map((instanceId) => this.#tell(instanceId)));
  }

  async #rounds(): Promise<void> {
    const { signal } = this.#stop;
    await delay(FIRST_LOOK_MS, undefined, { signal });
    for (;;) {
      await this.look();
      const pause = lookAgainMs(this.#book.leaves());
      await delay(this.#untold().length > 0 ? Math.min(pause, ASK_AGAIN_MS) : pause, undefined, { signal });
    }
  }

  #untold(): string[] {
    return this.#instances().flatMap(({ instanceId }) => (this.#told.has(instanceId) ? [] : [instanceId]));
  }

  async #instance(instanceId: string): Promise<string | undefined> {
    const { certPem, renewed } = await renewCertificates(instanceId, this.#clients);
    if (renewed) this.#told.delete(instanceId);
    if (renewed) this.#log.info({ instanceId, until: leafTimes(certPem)?.ends }, 'renewed its certificates');
    return certPem;
  }

  /** One that starts just now or hangs is told later. */
  async #tell(instanceId: string): Promise<void> {
    const signal = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(RELOAD_WITHIN_MS)]);
    await reloadCertificates(instanceId, { clients: this.#clients, signal }).then(
      (heard) => heard && this.#told.add(instanceId),
      () => undefined,
    );
  }

  async #keep(instanceId: string, name: string, renew: () => Promise<string | undefined>): Promise<void> {
    const whose = `${name} on ${this.#clients.host.hostId}`;
    this.#noted.add(whose);
    try {
      const times = leafTimes(await renew());
      this.#book.note(whose, () => times);
    } catch (err) {
      this.#log.warn({ err, instanceId }, `the certificate of ${whose} could not be renewed; trying again`);
    }
  }
}
