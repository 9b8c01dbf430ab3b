import { createSecrets } from '@windlass/resources/store';
import type { WorkflowStart } from '../core/deps.ts';
import type { Fixture } from './fixture.ts';

export const PASSWORD = 'only-for-the-one-who-asked';
export const UNTIL = '2026-01-31T12:00:00Z';
export const LOG_LINE = { at: '2026-01-31T12:00:00.000000001Z', text: 'LOG:  ready' };

/** The hosts of `shop` answer: its primary makes every login that it is asked for, every instance wrote one line. */
export function answerLive({ temporal, deps, kv }: Fixture): void {
  const { seal } = createSecrets(kv, deps.box);
  const execute = temporal.execute.bind(temporal);
  temporal.execute = async (request, ms) => {
    const found = answerTo(request);
    if (found) temporal.results.set(request.type, { sealed: await seal(found.name, JSON.stringify(found.answer)) });
    return execute(request, ms);
  };
}

/** By the name under which it is sealed. */
function answerTo({ type, input }: WorkflowStart): { readonly name: string; readonly answer: object } | undefined {
  if (type === 'readLog') {
    const { instanceId, query } = input as { instanceId: string; query: { after?: string } };
    const lines = query.after === undefined ? [LOG_LINE] : [];
    return { name: `database/shop/log/${instanceId}`, answer: { lines, cut: false } };
  }
  if (type !== 'openLogin') return undefined;
  const { wish } = input as { wish: { name: string; access: string; user?: string } };
  const answer = { name: wish.name, password: PASSWORD, actsAs: wish.user ?? wish.access, until: UNTIL };
  return { name: `database/shop/login/${wish.name}`, answer };
}
