import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Clients } from '../clients/ports.ts';
import type { Scope } from '../engine/resource.ts';
import { DomainError } from '../errors/index.ts';
import { defineResource } from './define.ts';
import { directories } from './directories.ts';
import { handOver } from './hand-over.ts';
import { instance, untilReady, withInstance } from './instance.ts';
import { lowersLimits, needRestart } from './restart-settings.ts';
import { patroniCluster } from './patroni-cluster.ts';
import { readEffect, resetOverrides, type Effect } from './settings-effect.ts';

const IN_EFFECT_WITHIN_MS = 60_000;

const spec = z.strictObject({
  instanceId: z.string(),
  hostId: z.string(),
  serviceName: z.string(),
  scope: z.string(),
  parameters: z.record(z.string(), z.string()),
  pgHba: z.array(z.string()),
  pgIdent: z.array(z.string()),
});
type Spec = z.output<typeof spec>;

/** The running Postgres has the declared settings in effect: by reload where that is enough, by a restart through Patroni where not. */
export const settings = defineResource({
  kind: 'postgres.settings',
  version: 1,
  spec,
  status: z.strictObject({ inEffect: z.boolean() }),
  id: (s) => s.instanceId,
  executor: (s) => ({ on: 'host', hostId: s.hostId }),
  dependsOn: (s) => [{ ref: patroniCluster.ref(s.scope) }, { ref: instance.ref(s.instanceId), output: true }],
  within: (s) => directories.ref(s.instanceId),

  async refresh(prior, scope) {
    const effect = await effectOf(prior.spec, scope);
    const seen = { status: { inEffect: effect.differing.length === 0 }, drift: effect.differing };
    const notes = effect.overridden.map(
      (name) => `'${name}', set by ALTER SYSTEM at '${prior.spec.instanceId}', is reset`,
    );
    return notes.length === 0 ? seen : { ...seen, notes };
  },
  interrupts: (before, after) => needRestart(before.parameters, after.parameters),
  leads: (before, after) => lowersLimits(before.parameters, after.parameters),
  create: (s, scope) => converge(s, scope),
  update: (s, prior, scope) =>
    converge(
      s,
      scope,
      Object.keys(prior.spec.parameters).filter((name) => !(name in s.parameters)),
    ),
  delete: () => Promise.resolve(),
});

const effectOf = (s: Spec, { clients, signal }: Scope<Clients>, removed: readonly string[] = []): Promise<Effect> =>
  withInstance(clients, s.serviceName, 'postgres', signal, (session) => readEffect(session, { ...s, removed }));

async function converge(
  s: Spec,
  scope: Scope<Clients>,
  removed: readonly string[] = [],
): Promise<{ inEffect: boolean }> {
  let effect = await effectOf(s, scope, removed);
  if (effect.unknown.length > 0) {
    throw new DomainError(
      'invalid_input',
      `postgresql_conf: Postgres does not know the setting '${effect.unknown[0] ?? ''}'`,
    );
  }
  if (effect.differing.length === 0) return { inEffect: true };
  await nudge(s, scope, effect);
  const limit = AbortSignal.timeout(IN_EFFECT_WITHIN_MS);
  const signal = AbortSignal.any([scope.signal, limit]);
  let restarted = false;
  while (effect.differing.length > 0) {
    if (limit.aborted)
      throw new DomainError(
        'postgres_unavailable',
        `settings are not in effect after ${String(IN_EFFECT_WITHIN_MS / 1000)} s: ${effect.differing.join(', ')}`,
      );
    if (!restarted && (effect.onlyRestartMissing || (effect.onlyRestartMissingIfHeld && (await isHeld(s, scope))))) {
      scope.progress('restarting Postgres through Patroni');
      await restart(s, scope, signal, !effect.lowers);
      restarted = true;
    }
    await sleep(20, undefined, { signal: scope.signal });
    effect = await effectOf(s, scope, removed).catch((err: unknown) => {
      if (restarted && !limit.aborted) return effect;
      throw err;
    });
  }
  return { inEffect: true };
}

/** Removes what ALTER SYSTEM put on top, then has Patroni look at its settings now instead of at its next turn. */
async function nudge(s: Spec, { clients, signal, tell }: Scope<Clients>, effect: Effect): Promise<void> {
  const container = await clients.docker.serviceContainer(s.serviceName);
  if (!container) return;
  await clients.postgres.session({ address: container.address, database: 'postgres', signal }, (session) =>
    resetOverrides(session, effect.overridden),
  );
  for (const name of effect.overridden)
    await tell(`reset '${name}', which ALTER SYSTEM had set at '${s.instanceId}' on top of the spec`);
  await clients.patroni.wake(container.address);
}

/** Whether Patroni itself waits for a restart to bring settings into effect. */
async function isHeld(s: Spec, { clients }: Scope<Clients>): Promise<boolean> {
  const container = await clients.docker.serviceContainer(s.serviceName);
  return container !== undefined && (await clients.patroni.status(container.address)).pendingRestart;
}

/**
 * A primary that hands over is started anew as a replica, and that was all it needed. Not for a value that only a primary
 * can lower: its successor would hold it back, too.
 */
async function restart(s: Spec, scope: Scope<Clients>, signal: AbortSignal, mayHandOver: boolean): Promise<void> {
  if (mayHandOver && (await handOver(s, scope))) return void (await untilReady(s, scope.clients, signal));
  const container = await scope.clients.docker.serviceContainer(s.serviceName);
  if (container) await scope.clients.patroni.restart(container.address, signal);
}
