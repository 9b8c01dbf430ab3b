import { forget, installNode, settle, watchTables } from '../node/index.ts';
import { openSqlApplier } from './open-applier.ts';
import { ofOwn } from './own-session.ts';
import type { Inside } from './parts.ts';

/** A table that is in use is left for the next round. */
const PATIENCE = { lockMs: 300, totalMs: 0 };

/** What lies in a node's database, and the applier of SQL. */
export const inside: Inside = {
  install: (client, { me, peers }) => installNode(client, { ...me, peers }),
  openApplier: openSqlApplier,
  rounds: (client) => ({
    watch: async () => void (await ofOwn(watchTables(client, PATIENCE))),
    settle: async () => (await ofOwn(settle(client))).lost,
    forget: async (horizon) => void (await ofOwn(forget(client, horizon))),
  }),
};
