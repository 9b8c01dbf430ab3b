import type { FastifyInstance } from 'fastify';
import { buildApp, type AppOptions } from '../app.ts';
import type { Limits } from '../core/door/limits.ts';
import type { ServerDeps } from '../core/deps.ts';
import { checkAnswers } from './check-answers.ts';

export interface CheckedApp {
  readonly app: FastifyInstance;
  /** Throws when an answer since the last call was not what its route declares. */
  settle(): void;
}

/** Tests send thousands of requests in a minute. */
const NO_LIMITS: Limits = {
  perLogin: 0,
  perAddress: 0,
  refusedLogins: 0,
  changesAtOnce: 0,
  readsAtOnce: 0,
  asksAtOnce: 0,
  streams: 0,
};

/** The application with every answer checked against its route: one that differs fails the test, at the latest by `close`. */
export async function checkedApp(
  deps: ServerDeps,
  options: Pick<AppOptions, 'routes' | 'pages'> = {},
  log: Parameters<typeof buildApp>[1] = false,
): Promise<CheckedApp> {
  const { settle, ...check } = checkAnswers();
  const app = await buildApp(deps, log, { check, limits: NO_LIMITS, pages: false, ...options });
  app.addHook('onClose', () => Promise.resolve().then(settle));
  return { app, settle };
}
