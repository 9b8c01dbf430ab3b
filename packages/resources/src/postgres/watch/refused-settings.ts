import { nextStartFailure, refusedNow } from '../inside/next-start.ts';
import type { Check } from './check.ts';

/** What Postgres refuses in its files is not in effect, and may keep it from starting when it is restarted, months later. */
export const refusedSettings: Check = {
  name: 'refused-settings',
  roles: ['writable', 'streaming', 'standby'],
  look: ({ ask, clients, address, signal }) =>
    ask(async (session) => {
      const refused = await refusedNow(session);
      const failure = await nextStartFailure(
        session,
        (work) => clients.postgres.session({ address, database: 'postgres', signal }, work),
        refused,
      );
      return [
        ...(refused.length > 0
          ? [{ type: 'settings_refused' as const, message: `not in effect: ${refused.slice(0, 5).join('; ')}` }]
          : []),
        ...(failure === undefined
          ? []
          : [{ type: 'restart_would_fail' as const, message: `after a restart Postgres would not serve: ${failure}` }]),
      ];
    }),
};
