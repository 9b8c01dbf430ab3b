import { databaseEntity } from '@windlass/resources/entity';
import { proposals } from '@windlass/resources/postgres/records';
import { effectiveNode, type ApiPlan, type ApiResourceView, type StoredSpec } from '@windlass/resources/postgres/spec';
import type { ServerDeps } from '../core/deps.ts';
import { planOf, resourceViews } from '../entities/looks.ts';
import { propose } from '../entities/propose.ts';
import { runsOf } from './backup-status.ts';

/** Looks at databases are named by their id alone, and done by workflows that earlier workers have, too. */
const ofDatabase = (databaseId: string) => ({ name: databaseId, attributes: { WindlassDatabaseId: databaseId } });

/** What an update to this spec would do. Nothing is changed; the spec is kept for a minute, without passwords. */
export async function planFor(deps: ServerDeps, databaseId: string, stored: StoredSpec): Promise<ApiPlan> {
  const proposalId = await propose(deps, proposals, stored);
  const look = { ...ofDatabase(databaseId), type: 'planDatabase', input: { databaseId, proposalId } } as const;
  const plan = await planOf(deps, databaseEntity(databaseId), proposalId, look);
  return withSchedules(plan, stored, deps.now());
}

/** Says with the plan when backups will be taken. */
function withSchedules(plan: ApiPlan, { spec }: StoredSpec, now: Date): ApiPlan {
  const schedules = spec.nodes.flatMap(({ name }) =>
    (effectiveNode(spec, name).backups?.config.schedules ?? []).map((one) => ({
      node_name: name,
      id: one.id,
      type: one.type,
      next_runs: runsOf(one.cron_expression, now),
    })),
  );
  if (schedules.length === 0) return plan;
  const sentences = [
    ...plan.sentences,
    ...schedules.map((s) => `schedule '${s.id}' of node ${s.node_name} runs next at ${s.next_runs.join(', ')}`),
  ];
  return { ...plan, schedules, sentences, text: sentences.join('\n') };
}

/** Every resource of a database as stored, and what a look at the world just found. */
export const databaseResources = (deps: ServerDeps, databaseId: string): Promise<ApiResourceView[]> =>
  resourceViews(deps, databaseEntity(databaseId), {
    ...ofDatabase(databaseId),
    type: 'inspectDatabase',
    input: { databaseId },
  });
