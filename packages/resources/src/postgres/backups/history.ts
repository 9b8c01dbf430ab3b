/** A cluster that a stanza knows, in the order in which they came to write to the repository. */
export interface KnownCluster {
  readonly id: number;
  readonly 'repo-key'?: number | undefined;
  readonly 'system-id'?: number | undefined;
}

/** Of what pgBackRest tells of a backup what says whose it is. */
export interface OwnedBackup {
  readonly database: { readonly id: number; readonly 'repo-key'?: number | undefined };
}

/**
 * The one judge of which backups belong to the history of the data a node has now: those of the cluster that writes to the
 * repository, also from before another one did for a while. Those of a former database of the same id are not: they are
 * listed and can be verified, and a restore takes one only when it is named. Everybody who lists, counts, verifies or restores
 * asks this.
 */
export function isFormer(clusters: readonly KnownCluster[], { database }: OwnedBackup): boolean {
  const ours = clusters.filter((one) => one['repo-key'] === database['repo-key']);
  const present = ours.at(-1);
  const its = ours.find((one) => one.id === database.id);
  if (!present || !its || its.id === present.id) return false;
  return its['system-id'] === undefined || its['system-id'] !== present['system-id'];
}

/** pgBackRest's name of the newest archive that holds WAL of the cluster that made a backup. */
export function archiveOf(
  clusters: readonly (KnownCluster & { readonly version: string })[],
  { database }: OwnedBackup,
): string | undefined {
  const its = clusters.find((one) => one.id === database.id);
  const newest = clusters.findLast((one) => one.id === its?.id || one['system-id'] === its?.['system-id']);
  return newest && `${newest.version}-${String(newest.id)}`;
}
