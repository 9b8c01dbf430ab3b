import { Range, type Etcd3 } from 'etcd3';
import { reach } from '../../store/etcd-errors.ts';

/** What an account may touch: everything, users and roles included, or some keys and prefixes. */
export type Rights = 'everything' | readonly Right[];

export interface Right {
  readonly permission: 'Read' | 'Readwrite';
  readonly prefix?: string;
  readonly key?: string;
}

export interface EtcdMember {
  readonly name: string;
  readonly peerUrls: readonly string[];
  readonly clientUrls: readonly string[];
}

/** etcd's users. Each proves itself by a certificate with its name as common name, or by its password. */
export interface AccountsPort {
  create(name: string, password: string, rights: Rights): Promise<void>;
  /** Adds to what the account may do; nothing is taken away. */
  allow(name: string, rights: readonly Right[]): Promise<void>;
  /** From now on nothing is allowed to whoever comes under this name. Absence is success. */
  remove(name: string): Promise<void>;
  /** The member of etcd that leads now. */
  leader(): Promise<EtcdMember>;
}

export function createAccounts(client: Etcd3): AccountsPort {
  const removeUser = async (name: string): Promise<void> => {
    await unless(/not found/, () => client.user(name).delete());
    await unless(/not found/, () => client.role(name).delete());
  };
  const allow = async (name: string, rights: readonly Right[]): Promise<void> => {
    for (const { permission, ...where } of rights)
      await reach(() => client.role(name).grant({ permission, range: rangeOf(where) }));
  };
  return {
    allow,
    create: async (name, password, rights) => {
      await removeUser(name);
      await reach(() => client.user(name).create(password));
      if (rights === 'everything') return void (await reach(() => client.user(name).addRole('root')));
      await reach(() => client.role(name).create());
      await allow(name, rights);
      await reach(() => client.user(name).addRole(name));
    },
    remove: removeUser,
    leader: async () => {
      const [{ leader }, { members }] = await Promise.all([
        reach(() => client.maintenance.status()),
        reach(() => client.cluster.memberList({})),
      ]);
      const found = members.find((member) => member.ID === leader) ?? members[0];
      return { name: found?.name ?? '', peerUrls: found?.peerURLs ?? [], clientUrls: found?.clientURLs ?? [] };
    },
  };
}

const rangeOf = ({ key, prefix = '' }: Omit<Right, 'permission'>): Range =>
  key === undefined ? Range.prefix(prefix) : new Range(key);

async function unless(expected: RegExp, call: () => Promise<unknown>): Promise<void> {
  try {
    await reach(call);
  } catch (err) {
    if (!(err instanceof Error && expected.test(err.message))) throw err;
  }
}
