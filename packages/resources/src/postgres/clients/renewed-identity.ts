import { domainErrorOf, DomainError } from '../../errors/index.ts';
import { endedSentence, hasEnded, isDue, leafTimes, type LeafTimes } from '../../platform/leaves/index.ts';
import type { OwnTrust } from '../../platform/clients/own-trust.ts';
import type { ClientIdentity } from '../../platform/clients/secure-context.ts';

const DAYS = 90;

/** Whom a certificate names, and the database it is about, where it is about one. */
export interface Named {
  readonly commonName: string;
  readonly databaseId?: string;
}

interface Made {
  readonly identity: ClientIdentity;
  readonly times: LeafTimes;
}

/**
 * A certificate of this process. It is made when it is needed first, and again when it is due; while nobody signs a new one the
 * last is good until it ends. Then it throws, and says when that was.
 */
export class RenewedIdentity {
  readonly #whose: string;
  readonly #named: Named;
  readonly #trust: Pick<OwnTrust, 'certificates' | 'onError'>;
  #made: Made | undefined;
  #making: Promise<Made> | undefined;

  /** `whose`: as in `the certificate of host-1 for its databases`. */
  constructor(whose: string, named: Named, trust: Pick<OwnTrust, 'certificates' | 'onError'>) {
    this.#whose = whose;
    this.#named = named;
    this.#trust = trust;
  }

  get times(): LeafTimes | undefined {
    return this.#made?.times;
  }

  async current(): Promise<ClientIdentity> {
    const last = this.#made;
    if (!last) return (await this.#makeOnce()).identity;
    if (!isDue(last.times)) return last.identity;
    try {
      return (await this.#makeOnce()).identity;
    } catch (err) {
      if (hasEnded(last.times)) throw ended(this.#whose, last.times, err);
      this.#trust.onError(err);
      return last.identity;
    }
  }

  #makeOnce(): Promise<Made> {
    return (this.#making ??= this.#issue().finally(() => (this.#making = undefined)));
  }

  async #issue(): Promise<Made> {
    const { certificates } = this.#trust;
    const leaf = await certificates.issue({ ...this.#named, names: [], days: DAYS });
    const identity = { caPem: await certificates.caPem(), certPem: leaf.certPem, keyPem: leaf.keyPem };
    const times = leafTimes(leaf.certPem);
    if (!times) throw new DomainError('server_error', 'what was signed is no certificate');
    return (this.#made = { identity, times });
  }
}

function ended(whose: string, times: LeafTimes, cause: unknown): DomainError {
  const why = cause instanceof Error ? cause.message : 'unknown';
  const code = domainErrorOf(cause)?.code ?? 'server_unavailable';
  return new DomainError(code, `${endedSentence(whose, times.ends)}: ${why}`, { cause });
}
