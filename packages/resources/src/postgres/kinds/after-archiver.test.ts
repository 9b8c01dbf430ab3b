import type { Clients, ExecRequest } from '../clients/ports.ts';
import { DomainError } from '../../errors/index.ts';
import { afterArchiver } from '../inside/after-archiver.ts';

const LOCK = '/windlass/data/pgbackrest/lock/db-archive.lock';
const taken = (file: string): DomainError =>
  new DomainError('backup_in_progress', `pgBackRest stanza-create: unable to acquire lock on file '${file}': busy`);

/** The command fails so often with the given error; `waits` are the files that were waited for. */
function rig(failures: number, error: Error) {
  const waits: (string | undefined)[] = [];
  const docker = {
    serviceContainer: () => Promise.resolve({ id: 'c', state: 'running' }),
    exec: (_id: string, { command }: ExecRequest) => {
      waits.push(command.at(-1));
      return Promise.resolve({ exitCode: 0, stdout: '', stderr: '' });
    },
  };
  let left = failures;
  const work = () => (left-- > 0 ? Promise.reject(error) : Promise.resolve('made'));
  const run = () => afterArchiver({ docker } as unknown as Clients, 's', new AbortController().signal, work);
  return { run, waits };
}

describe('a command that needs the lock of the archiver', () => {
  it('waits for the archiver as often as it is first', async () => {
    const { run, waits } = rig(2, taken(LOCK));
    expect(await run()).toBe('made');
    expect(waits).toEqual([LOCK, LOCK]);
  });

  it('waits for nobody while it is free', async () => {
    const { run, waits } = rig(0, taken(LOCK));
    expect(await run()).toBe('made');
    expect(waits).toEqual([]);
  });

  it.each([
    ['a backup has the other lock', taken('/lock/db-backup.lock')],
    ['it fails for another reason', new DomainError('backup_failed', 'no space')],
  ])('fails at once when %s', async (_when, error) => {
    const { run, waits } = rig(1, error);
    await expect(run()).rejects.toBe(error);
    expect(waits).toEqual([]);
  });

  it('gives up when the archiver is always first', async () => {
    await expect(rig(1000, taken(LOCK)).run()).rejects.toMatchObject({ code: 'backup_in_progress' });
  });
});
