import type { Clients } from '../clients/ports.ts';
import { domainErrorOf, DomainError } from '../../errors/index.ts';
import { LIVE_MOUNT, restorePaths, runScript, type ScriptRun } from './restore-place.ts';
import type { RestorePlace } from './restore-wish.ts';
import { placeOfTablespace, type TablespaceFiles } from './tablespaces.ts';

interface Link {
  /** Relative to the data directory. */
  readonly name: string;
  readonly target: string;
}

/**
 * What the instance runs with is kept, to be put back, and removed one day: all of it must be in places of its own. Rejects by
 * name with what the data directory leads to elsewhere. A node without data has nothing that is kept.
 */
export async function refuseInseparable(clients: Clients, place: RestorePlace, run: ScriptRun): Promise<void> {
  const { live, inside } = restorePaths(place);
  const { stdout } = await runScript(clients, place, 'links', [run.apart ? LIVE_MOUNT : inside(live)], run);
  for (const link of parseLinks(stdout)) {
    const why = await obstacle(clients.files, place, link);
    if (why === undefined) continue;
    throw new DomainError(
      'operation_refused',
      `instance '${place.instanceId}' cannot be given other data in place: ${why}, which cannot be kept apart from it; restore into a new database instead`,
    );
  }
}

/** Each line a name and a target. */
const parseLinks = (text: string): Link[] =>
  text.split('\n').flatMap((line) => {
    const [name = '', target] = line.split('\t');
    return target === undefined ? [] : [{ name, target }];
  });

async function obstacle(
  files: TablespaceFiles,
  { instanceId, container }: RestorePlace,
  { name, target }: Link,
): Promise<string | undefined> {
  if (!/^pg_tblspc\/\d+$/.test(name)) return `its data directory has the link '${name}' to '${target}'`;
  const at = `a tablespace of it lies at '${target}'`;
  const place = placeOfTablespace(instanceId, target);
  if (place === undefined) return `${at}, outside of /windlass/data or in a directory of Windlass`;
  if (container.volumes.some(({ destinationPath: volume }) => `${target}/`.startsWith(`${volume}/`)))
    return `${at}, in a volume`;
  try {
    await files.entries(place);
    return undefined;
  } catch (err) {
    if (domainErrorOf(err)?.code === 'resource_not_owned') return `${at}, behind a link`;
    throw err;
  }
}
