export { createDatabase } from './create-database.ts';
export { updateDatabase } from './update-database.ts';
export { deleteDatabase } from './delete-database.ts';
export { planDatabase } from './plan-database.ts';
export { inspectDatabase } from './inspect-database.ts';
export { validatePlacement } from './validate-placement.ts';
export type { OperationInput } from './operate.ts';
