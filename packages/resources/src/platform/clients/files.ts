import {
  chmod,
  chown,
  lstat,
  mkdir,
  open,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  rmdir,
  statfs,
  writeFile,
} from 'node:fs/promises';
import path from 'node:path';
import { DomainError } from '../../errors/index.ts';
import type { FilesPort } from './ports.ts';

/** Files under one root, owned by the instances' user. A path that leaves the root, or a symbolic link on the way, is refused. */
export function openFiles(root: string, owner: { readonly uid: number; readonly gid: number }): FilesPort {
  const absolute = (relative: string): string => {
    const full = path.resolve(root, relative);
    if (full !== root && !full.startsWith(root + path.sep))
      throw new DomainError('invalid_input', `path '${relative}' leaves the data directory`);
    return full;
  };
  const refuseLinks = async (full: string): Promise<void> => {
    for (let part = full; part.length > root.length; part = path.dirname(part)) {
      const found = await orUndefined(lstat(part));
      if (found?.isSymbolicLink())
        throw new DomainError('resource_not_owned', `'${path.relative(root, part)}' is a symbolic link`);
    }
  };
  return {
    absolute,
    ensureDirectory: async (relative, mode) => {
      const full = absolute(relative);
      await refuseLinks(full);
      const found = await orUndefined(lstat(full));
      if (found?.isDirectory() && (found.mode & 0o777) === mode && found.uid === owner.uid && found.gid === owner.gid)
        return false;
      await mkdir(full, { recursive: true });
      await chmod(full, mode);
      await chown(full, owner.uid, owner.gid);
      return true;
    },
    directory: async (relative) => {
      const found = await orUndefined(lstat(absolute(relative)));
      return found?.isDirectory() ? { mode: found.mode & 0o777, uid: found.uid, gid: found.gid } : undefined;
    },
    entries: async (relative) => {
      const full = absolute(relative);
      await refuseLinks(full);
      const found = (await orUndefined(readdir(full, { withFileTypes: true }))) ?? [];
      return Promise.all(
        found.map(async (one) => ({
          name: one.name,
          ...(one.isSymbolicLink() && { link: await readlink(path.join(full, one.name)) }),
        })),
      );
    },
    write: async (relative, content, mode = 0o600) => {
      const full = absolute(relative);
      await refuseLinks(full);
      const temporary = `${full}.new`;
      await rm(temporary, { force: true });
      await writeFile(temporary, content, { mode, flag: 'wx' });
      await chown(temporary, owner.uid, owner.gid);
      await rename(temporary, full);
    },
    read: async (relative) => orUndefined(readFile(absolute(relative), 'utf8')),
    rename: async (from, to) => {
      const [source, target] = [absolute(from), absolute(to)];
      await refuseLinks(target);
      await rename(source, target);
      for (const directory of new Set([path.dirname(source), path.dirname(target)])) await syncDirectory(directory);
    },
    freeBytes: async (relative) => {
      const { bavail, bsize } = await statfs(absolute(relative));
      return bavail * bsize;
    },
    removeEmpty: async (relative) => {
      await orUndefined(rmdir(absolute(relative))).catch((err: unknown) => {
        if ((err as NodeJS.ErrnoException).code !== 'ENOTEMPTY') throw err;
      });
    },
    removeTree: async (relative) => {
      const full = absolute(relative);
      if (full === root) throw new DomainError('invalid_input', 'the data directory itself is never removed');
      await refuseLinks(path.dirname(full)); // what a link leads to is nobody's to remove; the link itself is
      await rm(full, { recursive: true, force: true });
    },
  };
}

async function syncDirectory(full: string): Promise<void> {
  const handle = await open(full, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function orUndefined<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (err) {
    const { code } = err as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw err;
  }
}
