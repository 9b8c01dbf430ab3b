import { operate, type OperationInput } from './operate.ts';

/** Creates a database: plans every resource it needs and applies the plan. */
export async function createDatabase(input: OperationInput): Promise<void> {
  await operate(input);
}
