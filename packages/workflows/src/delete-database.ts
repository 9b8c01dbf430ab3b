import { operate, type OperationInput } from './operate.ts';

/** Removes everything a database has, in the opposite order; what is already gone is fine. */
export async function deleteDatabase(input: OperationInput): Promise<void> {
  await operate(input);
}
