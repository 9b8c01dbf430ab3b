import { z } from 'zod';
import type { Context } from '../../engine/resource.ts';
import type { Clients } from '../clients/ports.ts';
import { defineResource } from './define.ts';
import { directories } from './directories.ts';
import { instance, withInstance } from './instance.ts';
import { lowersLimits, needRestart } from '../inside/restart-settings.ts';
import { patroniCluster } from './patroni-cluster.ts';
import { readEffect } from '../inside/settings-effect.ts';
import { bringIntoEffect } from './settings-converge.ts';

const spec = z.strictObject({
  instanceId: z.string(),
  hostId: z.string(),
  serviceName: z.string(),
  scope: z.string(),
  parameters: z.record(z.string(), z.string()),
  pgHba: z.array(z.string()),
  pgIdent: z.array(z.string()),
});
export type SettingsSpec = z.output<typeof spec>;

/**
 * The running Postgres has the declared settings in effect: by reload where that is enough, by a restart through Patroni where
 * not. What it refuses, or does not start with, is taken back.
 */
export const settings = defineResource({
  kind: 'postgres.settings',
  version: 1,
  spec,
  status: z.strictObject({ inEffect: z.boolean() }),
  id: (s) => s.instanceId,
  executor: (s) => ({ on: 'host', hostId: s.hostId }),
  dependsOn: (s) => [{ ref: patroniCluster.ref(s.scope) }, { ref: instance.ref(s.instanceId), output: true }],
  within: (s) => directories.ref(s.instanceId),

  async refresh(prior, { clients, signal }: Context<Clients>) {
    const { differing, overridden } = await withInstance(
      clients,
      prior.spec.serviceName,
      'postgres',
      signal,
      (session) => readEffect(session, prior.spec),
    );
    const seen = { status: { inEffect: differing.length === 0 }, drift: differing };
    const notes = overridden.map((name) => `'${name}', set by ALTER SYSTEM at '${prior.spec.instanceId}', is reset`);
    return notes.length === 0 ? seen : { ...seen, notes };
  },
  interrupts: (before, after) => needRestart(before.parameters, after.parameters),
  leads: (before, after) => lowersLimits(before.parameters, after.parameters),
  create: (s, context) => bringIntoEffect(s, context),
  update: (s, prior, context) => bringIntoEffect(s, context, prior.spec),
  delete: () => Promise.resolve(),
});
