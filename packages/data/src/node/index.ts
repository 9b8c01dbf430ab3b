export {
  DESCRIBE_TABLE,
  describedBy,
  describeTable,
  type DescribedColumn,
  type DescribedIndex,
  type DescribedTable,
} from './describe.ts';
export { forget } from './forget.ts';
export { installNode, type InstallOptions, type NodeName } from './install.ts';
export { settle, type Settled } from './settle.ts';
export { CONFLICT_IS_ONE } from './schema/tables.ts';
export { watchTables, type Patience } from './watch-tables.ts';
