import { domainErrorOf, DomainError } from '../../errors/index.ts';
import { endedSentence, hasEnded, isDue, leafTimes, type LeafTimes } from '../../platform/leaves/index.ts';
import type { OwnTrust } from '../../platform/clients/own-trust.ts';
import type { ClientIdentity } from '../../platform/clients/secure-context.ts';
import { SUPERUSER } from './postgres.ts';

const DAYS = 90;

interface Made {
  readonly identity: ClientIdentity;
  readonly times: LeafTimes;
}

/**
 * The certificate with which this process shows to databases that it is the control plane. It is made when it is needed first, and
 * again when it is due; while nobody signs a new one the last is good until it ends. Then it throws, and says when that was.
 */
export function controlIdentity(
  hostId: string,
  { certificates, book, onError }: Pick<OwnTrust, 'certificates' | 'book' | 'onError'>,
): () => Promise<ClientIdentity> {
  const whose = `${hostId} for its databases`;
  let made: Made | undefined;
  let making: Promise<Made> | undefined;
  const issue = async (): Promise<Made> => {
    const leaf = await certificates.issue({ commonName: SUPERUSER, names: [], days: DAYS });
    const identity = { caPem: await certificates.caPem(), certPem: leaf.certPem, keyPem: leaf.keyPem };
    const times = leafTimes(leaf.certPem);
    if (!times) throw new DomainError('server_error', 'what was signed is no certificate');
    return (made = { identity, times });
  };
  const makeOnce = (): Promise<Made> => (making ??= issue().finally(() => (making = undefined)));
  book.note(whose, () => made?.times);
  return async () => {
    if (!made) return (await makeOnce()).identity;
    if (!isDue(made.times)) return made.identity;
    const last = made;
    try {
      return (await makeOnce()).identity;
    } catch (err) {
      if (hasEnded(last.times)) throw ended(whose, last.times, err);
      onError(err);
      return last.identity;
    }
  };
}

function ended(whose: string, times: LeafTimes, cause: unknown): DomainError {
  const why = cause instanceof Error ? cause.message : 'unknown';
  const code = domainErrorOf(cause)?.code ?? 'server_unavailable';
  return new DomainError(code, `${endedSentence(whose, times.ends)}: ${why}`, { cause });
}
