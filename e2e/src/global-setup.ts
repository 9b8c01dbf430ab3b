import { mkdirSync, writeFileSync } from 'node:fs';
import { ENV, HOME, sh } from './stack.ts';

export default async function setUp(): Promise<void> {
  await sh('bin/down', '--purge').catch(() => undefined);
  mkdirSync(HOME, { recursive: true });
  writeFileSync(ENV.FAILPOINTS_FILE, '');
  await sh('bin/up', '--no-example');
}
