export { clientOf } from '../sql/index.ts';
export { beginAsCopy, type CopiedUntil, type CopyOptions } from './begin-as-copy.ts';
export {
  computedColumn,
  DESCRIBE_TABLE,
  describedBy,
  describeTable,
  isComputedColumn,
  type ComputedIndex,
  type DescribedColumn,
  type DescribedIndex,
  type DescribedTable,
} from './describe.ts';
export { forget } from './forget.ts';
export { dropSlotOf, forgetNode } from './forget-node.ts';
export { installNode, type InstallOptions, type NodeName } from './install.ts';
export { installedIn, type Installed } from './installed.ts';
export { makeSlots } from './make-slots.ts';
export { collidingSequences, obeyFloors, watchSequences } from './watch-sequences.ts';
export { isSpockTaken } from './spock.ts';
export { settle, type Settled } from './settle.ts';
export { CONFLICT_IS_ONE } from './schema/tables.ts';
export { CONFLICTS_KEPT, trimConflicts } from './trim-conflicts.ts';
export { watchTables, type Patience } from './watch-tables.ts';
export { uninstallNode, type Uninstalled } from './uninstall.ts';
