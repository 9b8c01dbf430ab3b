import { sqlStateOf } from '@windlass/error-table';
import { DomainError } from '../../errors/index.ts';
import { isDue, type LeafTimes } from '../../platform/leaves/index.ts';
import type { OwnTrust } from '../../platform/clients/own-trust.ts';
import type { ClientIdentity } from '../../platform/clients/secure-context.ts';
import { controlName, FORMER_CONTROL_NAME, memberName } from '../spec/own-names.ts';
import type { InstanceOwner } from './container-owners.ts';
import { RenewedIdentity, type Named } from './renewed-identity.ts';

/** What is due and nobody asked for within this time is of a database that has left the host: that it ends is nobody's concern. */
const ASKED_WITHIN_MS = 60_000;
/** Nobody signs the former name for a host whose databases all have their own: asked again after this. */
const REFUSED_FOR_MS = 60_000;
/** `certificate authentication failed for user` */
const REFUSED = '28000';

/** With what this process shows to what runs at an address that it is the control plane there. */
export interface ControlIdentities {
  /** As a member of its node: what Patroni's API asks for. */
  member(address: string): Promise<ClientIdentity>;
  /** As the control plane of its database. */
  control(address: string): Promise<ClientIdentity>;
  /**
   * Begins something as the superuser of its database, or as whom Postgres maps it to. Where the rules were made before each
   * database had a name of its own, the former one is shown.
   */
  begin<T>(address: string, open: (identity: ClientIdentity) => Promise<T>): Promise<T>;
}

interface Kept {
  readonly leaf: RenewedIdentity;
  askedAt: number;
}

/** `ownerOf`: whose instance is at an address. */
export function controlIdentities(
  hostId: string,
  { certificates, book, onError }: Pick<OwnTrust, 'certificates' | 'book' | 'onError'>,
  ownerOf: (address: string) => InstanceOwner | undefined,
): ControlIdentities {
  const whose = `${hostId} for its databases`;
  const kept = new Map<string, Kept>();
  /** Addresses where the former name was let in last. */
  const former = new Set<string>();
  let refusedUntil = 0;

  book.note(whose, () => {
    for (const [name, { askedAt, leaf }] of kept)
      if (Date.now() - askedAt > ASKED_WITHIN_MS && leaf.times && isDue(leaf.times)) kept.delete(name);
    return first([...kept.values()].flatMap(({ leaf }) => leaf.times ?? []));
  });
  const shown = (named: Named): Promise<ClientIdentity> => {
    const found = kept.get(named.commonName) ?? { leaf: new RenewedIdentity(whose, named, { certificates, onError }), askedAt: 0 };
    found.askedAt = Date.now();
    kept.set(named.commonName, found);
    return found.leaf.current();
  }; // prettier-ignore
  const ownerAt = (address: string): InstanceOwner => {
    const owner = ownerOf(address);
    if (!owner) throw new DomainError('postgres_unavailable', `no instance is known at '${address}'`);
    return owner;
  };
  const control = async (address: string): Promise<ClientIdentity> => {
    const { databaseId } = ownerAt(address);
    return shown({ commonName: controlName(databaseId), databaseId });
  };
  const formerly = async (): Promise<ClientIdentity | undefined> => {
    if (Date.now() < refusedUntil) return undefined;
    return shown({ commonName: FORMER_CONTROL_NAME }).catch((err: unknown) => {
      refusedUntil = Date.now() + REFUSED_FOR_MS;
      onError(err);
      return undefined;
    });
  };
  return {
    member: async (address) => {
      const { databaseId, nodeName } = ownerAt(address);
      return shown({ commonName: memberName(`${databaseId}:${nodeName}`), databaseId });
    },
    control,
    begin: async (address, open) => {
      const isFormer = former.has(address);
      const one = (isFormer ? await formerly() : undefined) ?? (await control(address));
      try {
        return await open(one);
      } catch (err) {
        if (sqlStateOf(err) !== REFUSED) throw err;
        former.delete(address);
        const other = isFormer ? await control(address) : await formerly();
        if (other === undefined || other === one) throw err;
        const opened = await open(other);
        if (!isFormer) former.add(address);
        return opened;
      }
    },
  };
}

const first = (all: readonly LeafTimes[]): LeafTimes | undefined =>
  all.reduce<LeafTimes | undefined>((a, b) => (a && a.ends <= b.ends ? a : b), undefined);
