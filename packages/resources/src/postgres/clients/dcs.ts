import type { DeleteBuilder, Etcd3 } from 'etcd3';
import { reach } from '../../store/etcd-errors.ts';
import { openWatch } from '../../store/etcd-watch.ts';
import type { DcsPort, LeaderLock } from './ports.ts';

/** Patroni's keys that are about the data of a node and not about what is wanted of it. */
const DATA_KEYS = ['leader', 'failover', 'failsafe', 'sync', 'history', 'status', 'optime/leader', 'initialize'];

/** The Patroni side of etcd. Every user has one role of its own name that may read and write one prefix. */
export function createDcs(client: Etcd3): DcsPort {
  const under = (scope: string, key: string): string => `/patroni/${scope}/${key}`;
  const leader = async (scope: string): Promise<string | undefined> =>
    (await reach(() => client.get(under(scope, 'leader')).string())) ?? undefined;

  const whileHeld = async (scope: string, { holder, lease, modRevision }: LeaderLock, ops: DeleteBuilder[]) => {
    const key = under(scope, 'leader');
    const txn = client.if(key, 'Mod', '==', modRevision).and(key, 'Value', '==', holder).and(key, 'Lease', '==', lease);
    return (await reach(() => txn.then(...ops).commit())).succeeded;
  };

  return {
    user: async (name) => {
      try {
        const roles = await reach(() => client.user(name).roles());
        return { roles: roles.map((role) => role.name) };
      } catch (err) {
        if (err instanceof Error && /not found/.test(err.message)) return undefined;
        throw err;
      }
    },
    ensureUser: async (name, password, prefix) => {
      await ignore(() => client.role(name).create(), /already exists/);
      await reach(() => client.role(name).grant({ permission: 'Readwrite', range: client.range({ prefix }) }));
      const created = await ignore(() => client.user(name).create(password), /already exists/);
      if (!created) await reach(() => client.user(name).setPassword(password));
      await ignore(() => client.user(name).addRole(name), /already/);
    },
    removeUser: async (name) => {
      await ignoreMissing(() => client.user(name).delete());
      await ignoreMissing(() => client.role(name).delete());
    },
    config: async (scope) => {
      const text = await reach(() => client.get(under(scope, 'config')).string());
      return text === null ? undefined : (JSON.parse(text) as Record<string, unknown>);
    },
    putConfig: async (scope, config) =>
      void (await reach(() => client.put(under(scope, 'config')).value(JSON.stringify(config)).exec())),
    initialized: async (scope) => (await reach(() => client.get(under(scope, 'initialize')).string())) ?? undefined,
    leader,
    leaderLock: async (scope) => {
      const { kvs } = await reach(() => client.get(under(scope, 'leader')).exec());
      const [found] = kvs;
      return found && { holder: found.value.toString(), lease: found.lease, modRevision: found.mod_revision };
    },
    // The members first: woken by the leader's key, candidates must not find the dead one still on the list.
    releaseLeaderLock: async (scope, lock) => {
      const remove = (key: string): DeleteBuilder => client.delete().key(under(scope, key));
      const bound = [remove(`members/${lock.holder}`), remove('failsafe')];
      return (await whileHeld(scope, lock, bound)) && whileHeld(scope, lock, [remove('leader')]);
    },
    failsafeMembers: async (scope) => {
      const text = await reach(() => client.get(under(scope, 'failsafe')).string());
      return Object.keys(JSON.parse(text ?? '{}') as Record<string, string>).sort();
    },
    members: async (scope) => {
      const prefix = under(scope, 'members/');
      return (await reach(() => client.getAll().prefix(prefix).keys())).map((key) => key.slice(prefix.length)).sort();
    },
    synchronousStandbys: async (scope) => {
      const text = await reach(() => client.get(under(scope, 'sync')).string());
      const { sync_standby: names } = JSON.parse(text ?? '{}') as { sync_standby?: string | null };
      return (names ?? '').split(',').filter((name) => name !== '');
    },
    waitForLeader: (scope, signal, except) => {
      const read = async (): Promise<string | undefined> => {
        const name = await leader(scope);
        return name === except ? undefined : name;
      };
      return waitForLeader(client, under(scope, 'leader'), read, signal);
    },
    onLeader: (listener, onResync) => {
      const told = (key: string, value: Buffer | undefined): void => {
        const scope = /^\/patroni\/([^/]+)\/leader$/.exec(key)?.[1];
        if (scope !== undefined && value !== undefined) listener(scope);
      };
      return openWatch(client, '/patroni/', told, onResync);
    },
    forgetData: async (scope) => {
      for (const key of DATA_KEYS) await reach(() => client.delete().key(under(scope, key)).exec());
    },
    removeScope: async (scope) => void (await reach(() => client.delete().prefix(under(scope, '')).exec())),
  };
}

function waitForLeader(
  client: Etcd3,
  key: string,
  read: () => Promise<string | undefined>,
  signal: AbortSignal,
): Promise<string> {
  return new Promise((resolve, reject) => {
    let watch: { close(): Promise<void> } | undefined;
    let ended = false;
    const end = (settle: () => void): void => {
      if (ended) return;
      ended = true;
      clearInterval(safety);
      signal.removeEventListener('abort', abort);
      void watch?.close();
      settle();
    };
    const abort = (): void => end(() => reject(signal.reason instanceof Error ? signal.reason : new Error('aborted')));
    const look = (): void =>
      void read().then(
        (name) => (name === undefined ? undefined : end(() => resolve(name))),
        () => undefined,
      );
    const safety = setInterval(look, 1000);
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort, { once: true });
    void openWatch(client, key, (_key, value) => value && look(), look).then((opened) => {
      watch = opened;
      if (ended) void opened.close();
      else look();
    });
  });
}

/** `false` when the call failed with an expected message. */
async function ignore(call: () => Promise<unknown>, expected: RegExp): Promise<boolean> {
  try {
    await reach(call);
    return true;
  } catch (err) {
    if (err instanceof Error && expected.test(err.message)) return false;
    throw err;
  }
}

async function ignoreMissing(call: () => Promise<unknown>): Promise<void> {
  await ignore(call, /not found/);
}
