import { operate, type OperationInput } from './operate.ts';

/** Brings a database to the spec stored at `revision`; runs only what changed. */
export async function updateDatabase(input: OperationInput): Promise<void> {
  await operate(input);
}
