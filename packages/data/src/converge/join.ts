/** Positions in the streams of nodes, by the number of the node. */
export type Positions = ReadonlyMap<number, number>;

/**
 * A physical copy of a node may be taken when it has applied all that came before the slots of the new node were made:
 * between where the copy ends and where a slot begins, nothing may lie. Progress is known up to a marker that was written
 * after the slot.
 */
export function mayCopy(slots: Positions, progressOfSource: Positions): boolean {
  return [...slots].every(([peer, begins]) => (progressOfSource.get(peer) ?? 0) >= begins);
}

/** Where the streams to the new node begin: where the copy ends, of its source at the end of the copy itself. */
export function beginsAt(source: number, copyEnds: number, progressOfCopy: Positions): Map<number, number> {
  return new Map([...progressOfCopy, [source, copyEnds]]);
}
