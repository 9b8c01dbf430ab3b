import { setTimeout as sleep } from 'node:timers/promises';
import type { Clients } from '../clients/ports.ts';
import type { Context } from '../../engine/resource.ts';
import { DomainError } from '../../errors/index.ts';
import { handOver } from '../inside/hand-over.ts';
import { withInstance } from './instance.ts';
import { untilReady } from './until-ready.ts';
import { isOfSettings, startFailure } from '../inside/start-report.ts';
import { readEffect, resetOverrides, type Effect } from '../inside/settings-effect.ts';
import type { SettingsSpec } from './settings.ts';

import { settingsRefused, type Configuration } from '../inside/trial-run.ts';
import { writeSettings } from '../inside/write-settings.ts';

const IN_EFFECT_WITHIN_MS = 60_000;
const LOOK_MS = 20;
/** A value that means the same as the one in effect is not worth a new file to Patroni, unless it is told to. */
const WRITE_ANEW_MS = 700;
/**
 * A name that nobody reads. Patroni compares what values mean with those in effect, and lines with those it wrote last: for this
 * name it writes its files anew. `POST /reload` has that effect on newer ones only.
 */
const ANEW = 'windlass.written';

/** What one run of the step knows. */
interface Change {
  readonly s: SettingsSpec;
  readonly context: Context<Clients>;
  /** What was declared before; absent for a new instance. */
  readonly before?: SettingsSpec | undefined;
  readonly removed: readonly string[];
}

/** Brings settings into effect, or puts back those of before and says why. */
export async function bringIntoEffect(
  s: SettingsSpec,
  context: Context<Clients>,
  before?: SettingsSpec,
): Promise<{ inEffect: boolean }> {
  const removed = Object.keys(before?.parameters ?? {}).filter((name) => !(name in s.parameters));
  const change: Change = { s, context, before, removed };
  const effect = await look(change);
  if (effect.differing.length === 0 && before === undefined) return { inEffect: true };
  if (effect.differing.length > 0) await nudge(change, effect);
  await converge(change, effect);
  return { inEffect: true };
}

const look = ({ s, context, removed }: Change): Promise<Effect> =>
  withInstance(context.clients, s.serviceName, 'postgres', context.signal, (session) =>
    readEffect(session, { ...s, removed }),
  );

/** What Postgres says counts once it has loaded its files after they were as declared: it is told to, and waited for. */
async function converge(begun: Change, first: Effect): Promise<void> {
  const { s, context } = begun;
  let change = begun;
  const until = Date.now() + IN_EFFECT_WITHIN_MS;
  let [effect, writeAnewAt] = [first, Date.now() + WRITE_ANEW_MS];
  let toldAt: number | undefined;
  let restarted = false;
  for (;;) {
    if (effect.written && toldAt === undefined) toldAt = await reload(change);
    else if (effect.written && toldAt !== undefined && effect.loadedAt >= toldAt) {
      if (effect.differing.length === 0) return;
      const refused = refusedOf(effect, s);
      if (refused !== undefined) return giveUp(change, refused, { restarted });
      if (!restarted && (await waitsForRestart(change, effect))) {
        context.progress('restarting Postgres through Patroni');
        await restart(change, !effect.lowers, until);
        [restarted, toldAt] = [true, undefined];
      }
    } else if (!effect.written && Date.now() > writeAnewAt) {
      await writeAnew(change);
      writeAnewAt = Date.now() + 3 * WRITE_ANEW_MS;
      if (!change.removed.includes(ANEW)) change = { ...change, removed: [...change.removed, ANEW] };
    }
    if (Date.now() > until)
      throw settingsRefused(`not in effect after a minute: ${effect.differing.join(', ') || 'they are not loaded'}`);
    await sleep(LOOK_MS, undefined, { signal: context.signal });
    effect = await look(change).catch((err: unknown) => {
      if (restarted && Date.now() < until) return effect;
      throw err;
    });
  }
}

/** Has Postgres load its files. Resolves with when it was told to, by its own clock. */
const reload = ({ s, context }: Change): Promise<number> =>
  withInstance(context.clients, s.serviceName, 'postgres', context.signal, async (session) => {
    const [row] = await session.query<{ at: number }>(
      'SELECT extract(epoch FROM pg_catalog.clock_timestamp())::float8 AS at, pg_catalog.pg_reload_conf()',
    );
    return row?.at ?? 0;
  });

/** Of what Postgres finds wrong that which was declared: the rest is not ours. */
function refusedOf({ refused, differing }: Effect, { parameters }: SettingsSpec): string | undefined {
  const names = new Set(Object.keys(parameters).map((name) => name.toLowerCase()));
  const ours = refused.filter((one) => {
    if (one.includes(' of pg_hba.conf: ')) return differing.includes('pg_hba');
    if (one.includes(' of pg_ident.conf: ')) return differing.includes('pg_ident');
    return names.has(one.split(': ')[0]?.toLowerCase() ?? '');
  });
  return ours.length > 0 ? ours.slice(0, 5).join('; ') : undefined;
}

/** Removes what ALTER SYSTEM put on top, then has Patroni look at its settings now instead of at its next turn. */
async function nudge({ s, context }: Change, effect: Effect): Promise<void> {
  const { clients, signal } = context;
  await withInstance(clients, s.serviceName, 'postgres', signal, (session) =>
    resetOverrides(session, effect.overridden),
  );
  for (const name of effect.overridden)
    await context.tell(`reset '${name}', which ALTER SYSTEM had set at '${s.instanceId}' on top of the spec`);
  await atInstance(context, s, (address) => clients.patroni.wake(address));
}

/** Patroni writes its files as they are declared, also where nothing seems to have changed. */
async function writeAnew({ s, context, removed }: Change): Promise<void> {
  const until = Date.now() + 2 * WRITE_ANEW_MS;
  const lines = (of: readonly string[]): string[] => [...of, `# ${ANEW} ${String(until)}`];
  const parameters = { ...s.parameters, [ANEW]: String(until) };
  await putSettings({ parameters, pgHba: lines(s.pgHba), pgIdent: lines(s.pgIdent) }, s, context);
  try {
    while (!(await look({ s, context, removed })).written && Date.now() < until)
      await sleep(LOOK_MS, undefined, { signal: context.signal });
  } finally {
    await putSettings(s, s, context);
  }
}

async function atInstance(
  { clients }: Context<Clients>,
  { serviceName }: SettingsSpec,
  work: (address: string) => Promise<void>,
): Promise<void> {
  const container = await clients.docker.serviceContainer(serviceName);
  if (container) await work(container.address);
}

/** Nothing but a new postmaster is missing, as Postgres says, or Patroni, which holds some back until then. */
async function waitsForRestart({ s, context }: Change, effect: Effect): Promise<boolean> {
  if (effect.onlyRestartMissing) return true;
  if (!effect.onlyRestartMissingIfHeld) return false;
  const { docker, patroni } = context.clients;
  const container = await docker.serviceContainer(s.serviceName);
  return container !== undefined && (await patroni.status(container.address)).pendingRestart;
}

/**
 * A primary that hands over is started anew as a replica, and that was all it needed. Not for a value that only a primary
 * can lower: its successor would hold it back, too. A Postgres that does not start gets the former settings.
 */
async function restart(change: Change, mayHandOver: boolean, until: number): Promise<void> {
  const { s, context } = change;
  const { clients } = context;
  const signal = AbortSignal.any([context.signal, AbortSignal.timeout(Math.max(1, until - Date.now()))]);
  const ready = (): Promise<unknown> => untilReady(s, clients, signal);
  try {
    if (mayHandOver && (await handOver(s, context))) return void (await ready());
    const failed = await restartOrRefusal(change, signal);
    context.signal.throwIfAborted();
    await ready(); // one that does not start is told by its log
    if (failed !== undefined) throw failed;
  } catch (err) {
    if (!(err instanceof DomainError) || err.code !== 'postgres_cannot_start') throw err;
    await giveUp(change, err.message.replace(/^Postgres /, 'Postgres, with them, '), { restarted: true });
  }
}

/** Puts back what was there, waits for a Postgres that was stopped for it, and throws `settings_refused` with the reason. */
async function giveUp(
  { s, context, before }: Change,
  reason: string,
  { restarted }: { restarted: boolean },
): Promise<never> {
  if (before === undefined) throw settingsRefused(reason);
  context.progress('putting back the former settings');
  await putSettings(before, s, context);
  if (restarted) await untilItRuns(s, context);
  throw settingsRefused(`${reason}; the former settings were put back`);
}

/** Has Patroni look at these settings now; where it cannot be told, it looks at its next turn. */
async function putSettings(settings: Configuration, s: SettingsSpec, context: Context<Clients>): Promise<void> {
  await writeSettings(context.clients, s.scope, settings);
  await atInstance(context, s, (address) => context.clients.patroni.wake(address)).catch(() => undefined);
}

/** Patroni may try once more with what was taken back. */
async function untilItRuns(s: SettingsSpec, { clients, signal }: Context<Clients>): Promise<void> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(IN_EFFECT_WITHIN_MS)]);
  for (;;) {
    try {
      return void (await untilReady(s, clients, limit));
    } catch (err) {
      if (!(err instanceof DomainError) || err.code !== 'postgres_cannot_start' || limit.aborted) throw err;
    }
  }
}

/**
 * Patroni may wait for a minute for a Postgres that has long said why it does not start, or find another way to start one soon
 * after: as a standby, with limits that it may not lower. What Postgres said counts. Resolves with another error of Patroni's.
 */
async function restartOrRefusal({ s, context }: Change, signal: AbortSignal): Promise<unknown> {
  const { clients } = context;
  const container = await clients.docker.serviceContainer(s.serviceName);
  if (!container) return undefined;
  const begun = new Date();
  const over = new AbortController();
  const all = AbortSignal.any([signal, over.signal]);
  const refuse = async (): Promise<void> => {
    const reason = startFailure(await clients.docker.log(container.id, begun).catch(() => ''));
    if (reason !== undefined && isOfSettings(reason))
      throw new DomainError('postgres_cannot_start', `Postgres does not start: ${reason}`);
  };
  const watch = async (): Promise<never> => {
    for (;;) {
      await sleep(500, undefined, { signal: all });
      await refuse();
    }
  };
  const asked = clients.patroni.restart(container.address, all).then(
    () => undefined,
    (err: unknown) => err,
  );
  const watched = watch();
  watched.catch(() => undefined);
  try {
    const failed = await Promise.race([asked, watched]);
    if (failed !== undefined) await refuse();
    return failed;
  } finally {
    over.abort();
  }
}
