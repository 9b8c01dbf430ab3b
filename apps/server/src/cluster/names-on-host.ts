import { partOf } from '@windlass/resources/plan';
import { databaseEntity } from '@windlass/resources/entity';
import { databaseSpecs, instanceStatuses } from '@windlass/resources/postgres/records';
import { controlName, FORMER_CONTROL_NAME, memberName, replicatorName } from '@windlass/resources/postgres/spec';
import { resourceRecords } from '@windlass/resources/records';
import type { Kv } from '@windlass/resources/store';
import { z } from 'zod';
import { databasesOn, isOnHost } from '../hosts/databases-on.ts';

/** Where the rules of a node are kept, and what lets a name in. */
const RULES = 'patroni.cluster';
const rules = z.looseObject({ pgIdent: z.array(z.string()) });

/**
 * Whether a host may have a certificate of this name because of a database that is on it: towards its Postgres, as a member of one of its
 * nodes, as one of its replicators. The name that was good for every database is given as long as one is on the host that lets no
 * other one in. `databaseId`: only that one is looked at.
 */
export async function isNameOnHost(
  kv: Kv,
  hostId: string,
  commonName: string,
  databaseId: string | undefined,
): Promise<boolean> {
  for (const id of await idsOn(kv, hostId, databaseId)) {
    const isIts = commonName === FORMER_CONTROL_NAME ? await letsFormerIn(kv, id) : (await namesOf(kv, id)).has(commonName); // prettier-ignore
    if (isIts) return true;
  }
  return false;
}

async function idsOn(kv: Kv, hostId: string, databaseId: string | undefined): Promise<readonly string[]> {
  if (databaseId === undefined) return (await databasesOn(kv, hostId)).map(({ record }) => record.id);
  return (await isOnHost(kv, databaseEntity(databaseId), hostId)) ? [databaseId] : [];
}

/** A node that begins as a copy is a member of the one it copies for that time: all nodes of a database are one to its hosts. */
async function namesOf(kv: Kv, id: string): Promise<ReadonlySet<string>> {
  const [spec, statuses] = await Promise.all([databaseSpecs.get(kv, id), instanceStatuses.list(kv, [id])]);
  const declared = spec?.value.spec.nodes.map(({ name }) => name) ?? [];
  const nodes = [...declared, ...statuses.map(({ value }) => value.nodeName)];
  return new Set([controlName(id), replicatorName(id), ...nodes.map((name) => memberName(`${id}:${name}`))]);
}

/** Its rules were made before there was a name for each database, or for a worker from before that. */
async function letsFormerIn(kv: Kv, id: string): Promise<boolean> {
  const rows = await resourceRecords.list(kv, [partOf(databaseEntity(id))]);
  return rows.some(({ value: { ref, spec } }) => {
    const known = ref.kind === RULES ? rules.safeParse(spec).data : undefined;
    if (!known) return false;
    const names = known.pgIdent.map((line) => line.split(' ')[1]);
    return names.includes(FORMER_CONTROL_NAME) || !names.includes(controlName(id));
  });
}
