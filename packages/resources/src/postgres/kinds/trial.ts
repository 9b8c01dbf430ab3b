import { z } from 'zod';
import type { Context } from '../../engine/resource.ts';
import type { Clients, PostgresSession } from '../clients/ports.ts';
import { defineResource } from './define.ts';
import { directories } from './directories.ts';
import { readEffect } from '../inside/settings-effect.ts';
import { settingsRefused, tryConfiguration } from '../inside/trial-run.ts';
import { serviceOf } from '../inside/with-primary.ts';

const spec = z.strictObject({
  instanceId: z.string(),
  hostId: z.string(),
  imageId: z.string(),
  parameters: z.record(z.string(), z.string()),
  pgHba: z.array(z.string()),
  pgIdent: z.array(z.string()),
});
type Spec = z.output<typeof spec>;

/**
 * A Postgres like the instance's takes the declared settings: asked before anything is written, so that what it refuses changes
 * nothing. Only where a spec has settings of its own; see ADR 20.
 */
export const trial = defineResource({
  kind: 'postgres.trial',
  version: 1,
  spec,
  status: z.strictObject({}),
  id: (s) => s.instanceId,
  executor: (s) => ({ on: 'host', hostId: s.hostId }),
  within: (s) => directories.ref(s.instanceId),

  refresh: () => Promise.resolve({ status: {}, drift: [] }),
  create: async (s, context) => ((await isTakenByInstance(s, context)) ? {} : start(s, context)),
  update: async (s, prior, context) =>
    prior.spec.imageId === s.imageId && (await isTakenByInstance(s, context)) ? {} : start(s, context),
  delete: () => Promise.resolve(),
});

async function start(s: Spec, { clients, signal, progress }: Context<Clients>): Promise<Record<string, never>> {
  progress('starting a Postgres with the settings, to see what it refuses');
  const refusal = await tryConfiguration(clients, { ...s, signal });
  if (refusal !== undefined) throw settingsRefused(refusal);
  return {};
}

/** Looked at only when a session begins, or not allowed in a file. */
const NOT_BY_SESSION = /_preload_libraries$|^transaction_(isolation|read_only|deferrable)$/i;

/**
 * Whether the running Postgres itself takes them, which it says within milliseconds: what it has not in effect yet are settings
 * that a session may change for itself, and takes them in a transaction that is rolled back. A trial has the last word on
 * everything else, and on a refusal.
 */
async function isTakenByInstance(s: Spec, { clients, signal }: Context<Clients>): Promise<boolean> {
  const container = await clients.docker.serviceContainer(serviceOf(s.instanceId));
  if (container?.state !== 'running') return false;
  const target = { address: container.address, database: 'postgres', signal };
  return clients.postgres.session(target, (session) => takes(session, s)).catch(() => false);
}

async function takes(session: PostgresSession, s: Spec): Promise<boolean> {
  const { differing } = await readEffect(session, s);
  const names = differing.map((what) => what.replace(/^parameters\./, ''));
  if (names.some((name, i) => name === differing[i] || NOT_BY_SESSION.test(name))) return false;
  const own = await session.query(
    `SELECT name FROM pg_catalog.pg_settings WHERE pg_catalog.lower(name) = ANY ($1) AND context IN ('user', 'superuser')`,
    [names.map((name) => name.toLowerCase())],
  );
  if (own.length < names.length) return false;
  await session.query('BEGIN READ ONLY');
  for (const name of names)
    await session.query('SELECT pg_catalog.set_config($1, $2, true)', [name, s.parameters[name] ?? '']);
  await session.query('ROLLBACK');
  return true;
}
