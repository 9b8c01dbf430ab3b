import { sh } from './stack.ts';

export default async function tearDown(): Promise<void> {
  if (process.env['WINDLASS_E2E_KEEP'] === undefined) await sh('bin/down', '--purge');
}
