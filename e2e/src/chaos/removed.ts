import { get, hasEnded } from '../client.ts';
import { drop } from '../lab/cluster.ts';
import { leftBehind } from '../lab/left-behind.ts';
import { replayAll } from '../lab/replays.ts';
import { secretsInClear } from '../lab/secrets-in-clear.ts';
import { until } from '../stack.ts';

/** Looks at tasks, workflows and secrets, and removes the database. What is not as it should be, in words. */
export async function removed(id: string, password: string): Promise<string[]> {
  const wrong: string[] = [];
  const { tasks } = await get<{ tasks: { type: string; status: string }[] }>(`/v1/databases/${id}/tasks`);
  for (const task of tasks) if (!hasEnded(task)) wrong.push(`a task ${task.type} is ${task.status}`);
  await replayAll().catch((err: unknown) => wrong.push((err as Error).message));
  for (const place of await secretsInClear(password)) wrong.push(`a password stands in clear: ${place}`);
  await drop(id, 180_000);
  const gone = async (): Promise<boolean> => (await leftBehind(id)).length === 0;
  await until('everything of the database to go', gone).catch(async () => wrong.push(...(await leftBehind(id))));
  return wrong;
}
