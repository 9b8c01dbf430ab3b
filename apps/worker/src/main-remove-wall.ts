import { removeWall, wallKey } from '@windlass/resources/platform/clients';

/** Takes away the packet filters of workers that are no more, by their data directories: `bin/down --purge` has removed what was there. */
for (const dataDir of process.argv.slice(2)) await removeWall(wallKey(dataDir));
