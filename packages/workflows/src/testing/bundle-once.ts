import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { bundleFrom } from './bundle-from.ts';

/** Bundles the workflows from source, once for every test file: takes two seconds. */
export default async function bundleOnce(): Promise<void> {
  const directory = await mkdtemp(path.join(tmpdir(), 'windlass-workflows-'));
  const file = path.join(directory, 'bundle.js');
  await writeFile(file, await bundleFrom(path.join(__dirname, '../index.ts')));
  process.env['WINDLASS_TEST_BUNDLE'] = file;
}
