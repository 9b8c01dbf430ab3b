import type { Fixture } from './fixture.ts';

export const PASSWORD = 'only-for-the-one-who-asked';
export const UNTIL = '2026-01-31T12:00:00Z';

/** The primary of `shop` makes every login that it is asked for. */
export function makeLogins({ temporal, deps }: Fixture): void {
  const execute = temporal.execute.bind(temporal);
  temporal.execute = async (request, ms) => {
    if (request.type !== 'openLogin') return execute(request, ms);
    const { wish } = request.input as { wish: { name: string; access: string; user?: string } };
    const made = { name: wish.name, password: PASSWORD, actsAs: wish.user ?? wish.access, until: UNTIL };
    const sealed = deps.box.seal(`database/shop/login/${wish.name}`, JSON.stringify(made));
    temporal.results.set('openLogin', { sealed });
    return execute(request, ms);
  };
}
