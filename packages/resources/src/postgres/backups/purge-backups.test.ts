import type { Clients, ExecRequest } from '../clients/ports.ts';
import { purgeBackups } from './purge-backups.ts';

/** pgBackRest deletes only what is stopped, and forgets with each repository that it was. */
it('deletes the backups of a node from each of its repositories', async () => {
  let stopped = false;
  const deleted: string[] = [];
  const docker = {
    serviceContainer: () => Promise.resolve({ id: 'c', state: 'running' }),
    exec: (_id: string, { command }: ExecRequest) => {
      const refused = command.includes('stanza-delete') && !stopped;
      stopped = command.includes('stop');
      if (!stopped && !refused) deleted.push(command.find((arg) => arg.startsWith('--repo=')) ?? '');
      const stderr = refused ? "ERROR: [055]: stop file does not exist for stanza 'db'" : '';
      return Promise.resolve({ exitCode: refused ? 55 : 0, stdout: '', stderr });
    },
  };
  const clients = { docker } as unknown as Clients;
  await purgeBackups(clients, { instanceId: 'a', repositories: [1, 2] }, new AbortController().signal);
  expect(deleted).toEqual(['--repo=1', '--repo=2']);
});
