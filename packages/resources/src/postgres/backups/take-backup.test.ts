import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Clients, ExecRequest, ExecResult, PostgresSession } from '../clients/ports.ts';
import { createFakeClients } from '../../testing/fake-clients.ts';
import { takeBackup, type BackupWish } from './take-backup.ts';

const wish: BackupWish = {
  instanceId: 'shop-n1-a', scope: 'shop:n1', taskId: 'task-1', type: 'full', repositories: [1, 2], annotations: {}, options: {},
}; // prettier-ignore
const done: ExecResult = { exitCode: 0, stdout: '', stderr: '' };
const locked: ExecResult = { exitCode: 50, stdout: '', stderr: 'ERROR: [050]: unable to acquire lock on file' };
const broken: ExecResult = { exitCode: 49, stdout: '', stderr: 'P00  ERROR: [049]: unable to connect\n  hint' };

let root: string;
beforeEach(async () => void (root = await mkdtemp(path.join(tmpdir(), 'windlass-backup-'))));
afterEach(() => rm(root, { recursive: true, force: true }));

/** pgBackRest in words: what each `backup` answers, and what `info` tells of those that were taken. */
async function rig(answers: ExecResult[], leader = 'shop-n1-a') {
  const taken: number[] = [];
  const commands: string[][] = [];
  const fake = await createFakeClients(root);
  const exec = (_id: string, { command, signal }: ExecRequest): Promise<ExecResult> => {
    signal.throwIfAborted();
    commands.push([...command]);
    if (command.includes('info')) return Promise.resolve({ ...done, stdout: infoOf(taken) });
    const answer = answers.shift() ?? done;
    if (answer.exitCode === 0) taken.push(Number(/--repo=(\d)/.exec(command.join(' '))?.[1]));
    return Promise.resolve(answer);
  };
  const container = { id: 'c', state: 'running' as const, startedAt: '', address: '1.2.3.4', labels: {} };
  const clients: Clients = {
    ...fake,
    docker: { ...fake.docker, exec, serviceContainer: () => Promise.resolve(container) },
    dcs: { ...fake.dcs, leader: () => Promise.resolve(leader) },
    postgres: {
      ...fake.postgres,
      session: (_at, work) => work({ query: () => Promise.resolve([]) } as unknown as PostgresSession),
    },
  };
  const backups = (): string[] => commands.filter((c) => c.includes('backup')).map((c) => c.join(' '));
  return { clients, taken, commands, backups };
}
const infoOf = (taken: readonly number[]): string =>
  JSON.stringify([
    {
      archive: [],
      repo: [],
      backup: taken.map((key) => ({
        annotation: { 'windlass-task': 'task-1' }, archive: {}, database: { 'repo-key': key }, label: `b${String(key)}`,
        info: { repository: {} }, reference: null, timestamp: { start: 1, stop: 2 }, type: 'full',
      })), // prettier-ignore
    },
  ]);
const run = { signal: new AbortController().signal, onProgress: () => undefined };

describe('taking a backup', () => {
  it('takes one into each repository', async () => {
    const { clients, backups } = await rig([]);
    const { backups: found } = await takeBackup(clients, { ...wish, options: { delta: '', 'process-max': '2' } }, run);
    expect(found.map((b) => b.label)).toEqual(['b1', 'b2']);
    expect(backups()[0]).toMatch(
      /--delta --process-max=2 --repo=1 --type=full --annotation=windlass-task=task-1 backup$/,
    );
  });
  it('looks before it begins only where an earlier attempt may have taken one', async () => {
    const looks = async (fresh: boolean): Promise<number> => {
      const { clients, commands } = await rig([]);
      await takeBackup(clients, { ...wish, repositories: [1], fresh }, run);
      return commands.filter((c) => c.includes('info')).length;
    };
    expect([await looks(true), await looks(false)]).toEqual([1, 2]);
    const { clients, taken } = await rig([locked]);
    taken.push(1);
    await takeBackup(clients, { ...wish, repositories: [1], fresh: true }, run); // it was locked: there is another one
    expect(taken).toEqual([1]);
  });
  it('copies from the standby it is given, over TLS on both sides', async () => {
    const { clients, backups } = await rig([]);
    await takeBackup(clients, { ...wish, repositories: [1], standby: 'shop-n1-b' }, run);
    expect(backups()).toHaveLength(1);
    expect(backups()[0]).toMatch(/ --backup-standby --pg2-host=postgres-shop-n1-b --pg2-host-type=tls .*--repo=1 /);
    expect(backups()[0]).toContain('--pg2-host-cert-file=/windlass/certs/server.crt');
  });
  it('names the standby when copying from it fails', async () => {
    const { clients } = await rig([broken]);
    await expect(takeBackup(clients, { ...wish, repositories: [1], standby: 'shop-n1-b' }, run)).rejects.toMatchObject({
      code: 'backup_failed',
      message: "copying from standby 'shop-n1-b': pgBackRest backup: unable to connect",
    });
  });
  it('makes the stanza where there is none yet, once, and goes on', async () => {
    const missing: ExecResult = { exitCode: 55, stdout: '', stderr: "ERROR: [055]: unable to load info file 'x'" };
    const { clients, commands, backups } = await rig([missing, locked, done, done]);
    await takeBackup(clients, { ...wish, repositories: [1] }, run);
    expect(backups()).toHaveLength(2);
    expect(commands.filter((c) => c.includes('stanza-create'))).toHaveLength(2); // the first found it locked
    await expect(takeBackup((await rig([missing, done, missing])).clients, wish, run)).rejects.toThrow(/info file/);
  });
  it('adopts what an earlier attempt has taken', async () => {
    const { clients, taken, backups } = await rig([]);
    taken.push(1);
    await takeBackup(clients, wish, run);
    expect(backups()).toHaveLength(1);
    expect(backups()[0]).toContain('--repo=2');
  });
  it('says that it waits for another one, and gives it up when that has copied nothing for 15 minutes', async () => {
    const { clients } = await rig([locked, locked]);
    const waits: string[] = [];
    const onWait = (reason: string): void => {
      waits.push(reason);
      if (waits.length === 2) jest.spyOn(performance, 'now').mockReturnValue(performance.now() + 16 * 60_000);
    };
    const taking = takeBackup(clients, { ...wish, repositories: [1] }, { ...run, onWait });
    await expect(taking).rejects.toMatchObject({
      code: 'backup_failed',
      message: expect.stringContaining('copied nothing for 15 minutes') as string,
    });
    expect(waits).toEqual(Array(2).fill('pgBackRest already works on the node: waiting for it to end'));
    jest.restoreAllMocks();
  });
  it('waits for one that still runs', async () => {
    const { clients, backups } = await rig([locked]);
    await takeBackup(clients, { ...wish, repositories: [1] }, run);
    expect(backups()).toHaveLength(2);
  });
  it('goes on with the other repositories when one is away, and says which reason', async () => {
    const { clients, taken } = await rig([broken]);
    await expect(takeBackup(clients, wish, run)).rejects.toMatchObject({
      code: 'backup_failed',
      message: 'pgBackRest backup: unable to connect',
    });
    expect(taken).toEqual([2]);
  });
  it('refuses where the primary is not any more', async () => {
    const { clients, backups } = await rig([], 'another');
    await expect(takeBackup(clients, wish, run)).rejects.toMatchObject({ code: 'primary_moved' });
    expect(backups()).toEqual([]);
  });
});
