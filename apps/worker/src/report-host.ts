import { access, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { domainErrorOf } from '@windlass/resources/errors';
import { hostRecords, type HostRecord } from '@windlass/resources/platform/records';
import { SWARM_SECRET, type SwarmEntrance } from '@windlass/resources/platform/api';
import { isTrusted, type WorkerConfig } from './config.ts';
import { describeHost, type KnownImages, type Probes } from './describe-host.ts';

/** With a look of up to two seconds a record is never older than ten while the worker lives. */
const INTERVAL_MS = 4000;

/** The host is no longer one of the cluster's. */
export class HostRemovedError extends Error {
  override readonly name = 'HostRemovedError';
}

/**
 * Writes this host's record every few seconds, so that nobody has to guess whether it is there. Only the first report
 * may make the record: one that disappears later was removed, and then the worker has to end. A file in the data
 * directory remembers that the host was reported, so that one that was removed while it was away finds that out, too.
 * What is outside the API, as a container's health check, sees the same by the age of the health file.
 */
export class HostReporter {
  readonly #probes: Probes;
  readonly #config: WorkerConfig;
  readonly #onError: (err: unknown) => void;
  #revision = 0;
  #known: KnownImages = { images: [] };
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  #entrance = '';

  constructor(probes: Probes, config: WorkerConfig, onError: (err: unknown) => void) {
    this.#probes = probes;
    this.#config = config;
    this.#onError = onError;
  }

  /** The first report. Rejects with `HostRemovedError` when the host was removed while its worker was away. */
  async start(onRemoved: (err: HostRemovedError) => void): Promise<void> {
    const key = hostRecords.key(this.#config.WINDLASS_HOST_ID);
    const found = await this.#probes.kv.get(key);
    if (!found && (await this.#wasReported())) throw this.#removed();
    this.#revision = found?.revision ?? 0;
    // One that cannot be read has none to tell of; the report takes its place.
    this.#known = (found && hostRecords.row({ key, ...found }, this.#onError)?.value) ?? { images: [] };
    if (!(await this.#report())) throw this.#removed();
    await writeFile(this.#file(), `${new Date().toISOString()}\n`, { mode: 0o600 });
    this.#schedule(onRemoved);
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #schedule(onRemoved: (err: HostRemovedError) => void): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(() => {
      void this.#report().then(
        (there) => (there ? this.#schedule(onRemoved) : onRemoved(this.#removed())),
        (err: unknown) => {
          if (domainErrorOf(err)?.code === 'not_a_member') return onRemoved(this.#removed());
          this.#onError(err);
          this.#schedule(onRemoved);
        },
      );
    }, INTERVAL_MS);
  }

  /** False when the record has disappeared. */
  async #report(): Promise<boolean> {
    for (;;) {
      // Looked at anew where another one wrote meanwhile: what a check of a proposal has found on this host is not taken back.
      const record = await describeHost(this.#probes, this.#config, this.#known);
      this.#known = record;
      const key = hostRecords.key(record.id);
      const write = hostRecords.put(record, record.id);
      const done = await this.#probes.kv.commit([{ key, revision: this.#revision }], [write]);
      if (done !== false) {
        this.#revision = done;
        const file = this.#config.WINDLASS_HEALTH_FILE;
        if (file !== undefined) await writeFile(file, record.seenAt);
        await this.#tellEntrance(record);
        return true;
      }
      const found = await this.#probes.kv.get(key);
      if (!found) return false;
      this.#revision = found.revision;
    }
  }

  /** A manager that may seal what is the cluster's keeps what others need to join the swarm up to date. */
  async #tellEntrance({ controlAvailable }: HostRecord): Promise<void> {
    const found =
      controlAvailable && isTrusted(this.#config) ? await this.#probes.clients.docker.swarmEntrance() : undefined;
    if (!found) return;
    const entrance: SwarmEntrance = { join_token: found.joinToken, addresses: [...found.addresses] };
    const text = JSON.stringify(entrance);
    if (text === this.#entrance) return;
    await this.#probes.clients.secrets.put(SWARM_SECRET, text);
    this.#entrance = text;
  }

  #file(): string {
    return path.join(this.#config.WINDLASS_DATA_DIR, 'reported');
  }

  #wasReported(): Promise<boolean> {
    return access(this.#file()).then(
      () => true,
      () => false,
    );
  }

  #removed(): HostRemovedError {
    const { WINDLASS_HOST_ID: id } = this.#config;
    return new HostRemovedError(
      `host '${id}' was removed from the cluster; to let it in again, join it with a new token, or delete ${this.#file()}`,
    );
  }
}
