import type { Clients, ExecRequest, ExecResult } from '../clients/ports.ts';
import { memberName } from '../inside/system-names.ts';
import { healthyStandbys } from './healthy-standbys.ts';
import { closeStandby, openStandby } from './standby-server.ts';

const standby = { instanceId: 'shop-n1-b', scope: 'shop:n1', primary: 'shop-n1-a' };
const { signal } = new AbortController();

function rig(state = 'running', answer: Partial<ExecResult> = {}) {
  const commands: (readonly string[])[] = [];
  const docker = {
    serviceContainer: () => Promise.resolve({ id: 'c', state, address: '1.2.3.4' }),
    exec: (_id: string, { command }: ExecRequest) => {
      commands.push(command);
      return Promise.resolve({ exitCode: 0, stdout: '', stderr: '', ...answer });
    },
  };
  const member = (name: string, role: string, lagBytes: number, patroniState = 'streaming') => ({
    name, role, lagBytes, state: patroniState,
  }); // prettier-ignore
  const members = [
    member('shop-n1-a', 'leader', 0),
    member('shop-n1-b', 'replica', 10),
    member('shop-n1-c', 'sync_standby', 20),
    member('shop-n1-d', 'replica', 0, 'starting'),
    member('shop-n1-e', 'replica', 5, 'running'),
    member('shop-n1-f', 'replica', 0, 'running'),
  ];
  // What the primary says of those it sends WAL to: f has not connected again.
  const receiving = members.slice(1, -1).map(({ name, lagBytes }) => ({ name, lag: String(lagBytes) }));
  const session = (_at: unknown, work: (session: unknown) => unknown) =>
    work({ query: () => Promise.resolve(receiving) });
  const patroni = { cluster: () => Promise.resolve(members) };
  const clients = { docker, patroni, postgres: { session } } as unknown as Clients;
  return { clients, commands };
}

describe('the server through which a standby is read', () => {
  it('answers to the members of the node and to nobody else', async () => {
    const { clients, commands } = rig();
    await openStandby(clients, standby, signal);
    const [, , script, ...given] = commands[0] ?? [];
    expect(given).toEqual(['--tls-server-auth=', 'postgres-shop-n1-a', memberName('shop:n1')]);
    expect(script).toContain('"$0$2=db" server');
    expect(script).toContain('--tls-server-address="$address"');
  });
  it('that cannot be started says why', async () => {
    const { clients } = rig('running', { exitCode: 1, stderr: 'P00  ERROR: [049]: unable to bind socket' });
    await expect(openStandby(clients, standby, signal)).rejects.toMatchObject({
      code: 'backup_failed',
      message: 'pgBackRest server: unable to bind socket',
    });
  });
  it('is not there without a container, which is an error when it is to be opened only', async () => {
    const { clients, commands } = rig('exited');
    await expect(openStandby(clients, standby, signal)).rejects.toMatchObject({ code: 'postgres_unavailable' });
    await closeStandby(clients, standby, signal);
    expect(commands).toEqual([]);
  });
});

it('healthy standbys are replicas that stream, the least behind first', async () => {
  expect(await healthyStandbys(rig().clients, 'shop-n1-a', signal)).toEqual(['shop-n1-e', 'shop-n1-b', 'shop-n1-c']);
});
