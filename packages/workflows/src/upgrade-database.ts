import { operate, type OperationInput } from './operate.ts';

/** Has every instance run another image of its major version, one after another: replicas first, the primary hands over. */
export async function upgradeDatabase(input: OperationInput): Promise<void> {
  await operate(input);
}
