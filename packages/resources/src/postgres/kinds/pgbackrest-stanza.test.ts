import type { Clients, ExecRequest } from '../clients/ports.ts';
import { contextFor } from '../../testing/apply-all.ts';
import { pgbackrestStanza } from './pgbackrest-stanza.ts';

/** What a repository has of a stanza: nothing, that of another cluster, or ours. `away` does not answer. */
type Has = 'nothing' | 'another' | 'ours' | 'away';
const EXIT: Record<string, number> = { another: 28, nothing: 55, away: 49 };

/** pgBackRest as it is: each command goes from repository to repository and stops at the first it cannot help. */
async function made(repositories: Has[]): Promise<string[]> {
  const commands: string[] = [];
  const docker = {
    serviceContainer: () => Promise.resolve({ id: 'c', state: 'running', address: '192.0.2.1' }),
    exec: (_id: string, { command }: ExecRequest) => {
      const name = command.at(-1) ?? '';
      commands.push(name);
      const helps = name === 'stanza-create' ? 'nothing' : 'another';
      const stopped = repositories.findIndex((has) => has !== 'ours' && has !== helps);
      repositories.fill('ours', 0, stopped === -1 ? repositories.length : stopped);
      return Promise.resolve({
        exitCode: EXIT[repositories[stopped] ?? ''] ?? 0,
        stdout: '',
        stderr: 'ERROR: [0]: no',
      });
    },
  };
  const query = (text: string): Promise<[]> => {
    if (text.includes('pg_switch_wal')) commands.push('wake');
    return Promise.resolve([]);
  };
  const postgres = { session: (_at: unknown, work: (session: unknown) => unknown) => work({ query }) };
  const dcs = { leader: () => Promise.resolve('shop-n1-a') };
  const clients = { docker, dcs, postgres } as unknown as Clients;
  const context = contextFor(clients, 'shop', pgbackrestStanza.ref('shop:n1'), new Map());
  const spec = {
    nodeName: 'n1',
    scope: 'shop:n1',
    members: [],
    repositories: repositories.map(() => ({ options: {} })),
  };
  await pgbackrestStanza.create(spec, context);
  return commands;
}

describe('the stanza of a node', () => {
  it.each<[string, Has[]]>([
    ['new', ['nothing', 'nothing']],
    ['there', ['ours', 'ours']],
    ['of a former database', ['another', 'another']],
    ['one new, one of a former database', ['nothing', 'another']],
    ['one of a former database, one new', ['another', 'nothing']],
    ['all of it, more than once', ['another', 'nothing', 'another', 'nothing', 'ours', 'another']],
  ])('is ours in every repository: %s', async (_what, repositories) => {
    await made(repositories);
    expect(new Set(repositories)).toEqual(new Set(['ours']));
  });
  it('is made with one command where nothing is, and the archiver is told', async () => {
    expect(await made(['nothing', 'nothing'])).toEqual(['stanza-create', 'wake']);
  });
  it('fails for a repository that does not answer', async () => {
    await expect(made(['another', 'away'])).rejects.toMatchObject({ details: { exitCode: 49 } });
  });
});
