import { readFile, rename, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import {
  hasEnded,
  isDue,
  isPair,
  leafTimes,
  lookAgainMs,
  nameOf,
  type LeafBook,
  type LeafTimes,
} from '../leaves/index.ts';
import type { CertificatesPort } from './ports.ts';
import type { ClientIdentity } from './secure-context.ts';

export interface LeafFiles {
  /** Whose it is and what for, as in `the certificate of host-1 for etcd`. */
  readonly whose: string;
  readonly caPath: string;
  readonly certPath: string;
  readonly keyPath: string;
}

/** For how long a process's own certificates are good, unless whoever signs says less. */
export const OWN_DAYS = 825;

interface Seen {
  readonly identity: ClientIdentity;
  readonly times: LeafTimes;
}

/**
 * A certificate of this process, in files of its own. It is renewed in time, for the same key, so that one file is exchanged, whole:
 * whoever reads both, as etcd does at each handshake, never finds a certificate with the key of another. Several processes may
 * have the same files: what one has renewed the others read.
 */
export class OwnLeaf {
  readonly files: LeafFiles;
  readonly #listeners = new Set<(identity: ClientIdentity) => void>();
  readonly #stop = new AbortController();
  #seen: Seen;

  private constructor(files: LeafFiles, seen: Seen) {
    this.files = files;
    this.#seen = seen;
  }

  /** Throws when there is no certificate. */
  static async open(files: LeafFiles, book: LeafBook): Promise<OwnLeaf> {
    const seen = await read(files);
    if (!seen) throw new Error(`the certificate of ${files.whose}: "${files.certPath}" is none, or not of its key`);
    const leaf = new OwnLeaf(files, seen);
    book.note(files.whose, () => leaf.times);
    return leaf;
  }

  /** As it is now: for every new connection. */
  get identity(): ClientIdentity {
    return this.#seen.identity;
  }

  get times(): LeafTimes {
    return this.#seen.times;
  }

  get hasEnded(): boolean {
    return hasEnded(this.#seen.times);
  }

  /** Calls back with every one that comes. */
  onRenewed(listener: (identity: ClientIdentity) => void): void {
    this.#listeners.add(listener);
  }

  /** Renews it for as long as the process lives. What could not be done is told, and tried again. */
  keep(certificates: CertificatesPort, onError: (err: unknown) => void): void {
    void this.#keep(certificates, onError).catch(() => undefined); // it was stopped
  }

  stop(): void {
    this.#stop.abort();
  }

  /** One look. */
  async look(certificates: CertificatesPort): Promise<void> {
    await this.#reread();
    if (!isDue(this.#seen.times)) return;
    const { certPem, keyPem } = this.#seen.identity;
    const { certPem: renewed } = await certificates.issue({ ...nameOf(certPem), keyPem, days: OWN_DAYS });
    const next = `${this.files.certPath}.${String(process.pid)}.new`;
    await writeFile(next, renewed, { mode: 0o600 });
    await rename(next, this.files.certPath);
    await this.#reread();
  }

  async #keep(certificates: CertificatesPort, onError: (err: unknown) => void): Promise<void> {
    for (;;) {
      await this.look(certificates).catch(onError);
      await delay(lookAgainMs([this.#seen.times]), undefined, { signal: this.#stop.signal, ref: false });
    }
  }

  /** What cannot be used, as somebody puts other files there, is left: what is known is good still. */
  async #reread(): Promise<void> {
    const found = await read(this.files).catch(() => undefined);
    if (!found || isSame(found.identity, this.#seen.identity)) return;
    this.#seen = found;
    for (const listener of this.#listeners) listener(found.identity);
  }
}

async function read({ caPath, certPath, keyPath }: LeafFiles): Promise<Seen | undefined> {
  const [caPem = '', certPem = '', keyPem = ''] = await Promise.all(
    [caPath, certPath, keyPath].map((file) => readFile(file, 'utf8')),
  );
  const times = leafTimes(certPem);
  return times && isPair(certPem, keyPem) ? { identity: { caPem, certPem, keyPem }, times } : undefined;
}

const isSame = (a: ClientIdentity, b: ClientIdentity): boolean =>
  a.certPem === b.certPem && a.keyPem === b.keyPem && a.caPem === b.caPem;
