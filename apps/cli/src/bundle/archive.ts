import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { pack } from 'tar-stream';
import type { BundleFile } from './collect.ts';

/** One .tar.gz that its owner alone reads. */
export async function archive(file: string, folder: string, files: readonly BundleFile[]): Promise<void> {
  const tar = pack();
  for (const { name, text } of files) tar.entry({ name: `${folder}/${name}`, mode: 0o600, mtime: new Date() }, text);
  tar.finalize();
  await pipeline(tar, createGzip(), createWriteStream(file, { mode: 0o600 }));
}
