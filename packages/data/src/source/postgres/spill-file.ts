import { randomUUID } from 'node:crypto';
import { open, unlink, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { DomainError } from '@windlass/error-table';

/** A place for what memory has no room for: written at its end, read from its beginning. */
export interface SpillFile {
  append(bytes: Buffer): Promise<void>;
  /** Fills `into` from `position` on; gives the number of bytes that were there. */
  read(into: Buffer, position: number): Promise<number>;
  close(): Promise<void>;
}

/**
 * Makes files in `directory` that have no name as soon as they are open: whatever ends this process, nothing of them is left. They
 * can be read by nobody else. Throws `no_space` when the disk is full.
 */
export function spillFiles(directory: string): () => Promise<SpillFile> {
  return async () => {
    const name = path.join(directory, `${randomUUID()}.spill`);
    const file = await open(name, 'wx+', 0o600);
    await unlink(name);
    return spillFile(file);
  };
}

function spillFile(file: FileHandle): SpillFile {
  return {
    append: async (bytes) => {
      await file.appendFile(bytes).catch((err: unknown) => {
        throw isFull(err) ? new DomainError('no_space', undefined, { cause: err }) : err;
      });
    },
    read: async (into, position) => (await file.read(into, 0, into.length, position)).bytesRead,
    close: () => file.close(),
  };
}

const isFull = (err: unknown): boolean =>
  typeof err === 'object' && err !== null && 'code' in err && (err.code === 'ENOSPC' || err.code === 'EDQUOT');
