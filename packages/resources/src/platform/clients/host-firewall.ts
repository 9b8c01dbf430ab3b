import { DomainError } from '../../errors/index.ts';
import { reasonOf, runOnHost, type RunProgram } from './run-on-host.ts';
import { wallChanges, wallRemoval, type Wall } from './wall-rules.ts';

/** Seconds to wait while somebody else changes the rules. */
const PATIENCE_S = '5';
/** Workers of one machine may change what they share at the same time: who comes second looks again. */
const ATTEMPTS = 4;

/** Brings the rules about, where they are not there. Rejects `server_error` where this process may not, or the machine has no iptables. */
export const buildWall = (wall: Wall, run: RunProgram = runOnHost): Promise<void> =>
  change((saved) => wallChanges(wall, saved), run);

/** Takes away what the worker of this key has built; nothing is there: success. */
export const removeWall = (key: string, run: RunProgram = runOnHost): Promise<void> =>
  change((saved) => wallRemoval(key, saved), run);

async function change(changesTo: (saved: string) => string | undefined, run: RunProgram): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const changes = changesTo(await run('iptables-save', ['-t', 'filter']));
      if (changes !== undefined) await run('iptables-restore', ['-w', PATIENCE_S, '--noflush'], changes);
      return;
    } catch (err) {
      if (attempt < ATTEMPTS) continue;
      throw new DomainError('server_error', `the packet filter cannot be set: ${reasonOf(err)}`, { cause: err });
    }
  }
}
