import { rm } from 'node:fs/promises';
import path from 'node:path';
import { bundlePath } from './bundle-path.ts';

export default async function removeBundle(): Promise<void> {
  await rm(path.dirname(bundlePath()), { recursive: true });
}
