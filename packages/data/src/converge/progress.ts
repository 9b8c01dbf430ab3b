/**
 * How far this node has applied the stream of each peer, committed with what was applied (the progress of the replication
 * origin). Streams are sent again from the last position that was confirmed, which may be long before.
 */
export function isDue(position: number, progress: number | undefined): boolean {
  return position > (progress ?? 0);
}
