import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openFiles } from '../../platform/clients/files.ts';
import type { Clients, RunRequest } from '../clients/ports.ts';
import { refuseInseparable } from './refuse-inseparable.ts';
import { runScript } from './restore-place.ts';

const signal = new AbortController().signal;
const place = {
  key: 'k', databaseId: 'shop', nodeName: 'n1', instanceId: 'shop-n1-a', backupsOf: 'shop',
  container: { imageId: 'image', postgresMajor: 17, networks: [], volumes: [{ hostPath: '/v', destinationPath: '/windlass/data/vol' }] },
}; // prettier-ignore
const root = mkdtempSync(path.join(tmpdir(), 'place-'));
const data = path.join(root, 'instances/shop-n1-a/data');
afterAll(() => rmSync(root, { recursive: true }));

/** An instance with data; its container prints this. */
function clientsOf(stdout = ''): { clients: Clients; requests: RunRequest[] } {
  mkdirSync(path.join(data, 'pgdata'), { recursive: true });
  const requests: RunRequest[] = [];
  const run = (request: RunRequest) => {
    requests.push(request);
    return Promise.resolve({ exitCode: 0, stdout, stderr: '' });
  };
  const owner = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
  return { requests, clients: { docker: { run }, files: openFiles(root, owner) } as unknown as Clients };
}

test('the container of a copy can write to nothing of the instance but the copy, its tablespaces and its work', async () => {
  const { clients, requests } = clientsOf();
  await runScript(clients, place, 'recover', [], { signal, apart: true });
  const mounts = (requests[0]?.mounts ?? []).filter((mount) => mount.source.startsWith(data));
  const of = (readOnly: boolean) =>
    mounts.filter((m) => m.readOnly === readOnly).map((m) => [m.source.slice(data.length + 1), m.target]);
  expect(of(false)).toEqual([
    ['tablespaces.k/made', '/windlass/data'],
    ['tablespaces.k', '/windlass/data/tablespaces.k'],
    ['restore-k', '/windlass/data/restore-k'],
    ['pgdata.k', '/windlass/data/pgdata.k'],
  ]);
  expect(of(true)).toEqual([['pgdata', '/windlass/live']]);
});

const look = (links: string): Promise<void> =>
  refuseInseparable(clientsOf(links).clients, place, { signal, apart: true });

test('data whose tablespaces are in the instance, in places of their own, can be kept apart', async () => {
  await expect(look('')).resolves.toBeUndefined();
  await expect(look('pg_tblspc/16384\t/windlass/data/fast\npg_tblspc/2\t/windlass/data/tablespaces.j/2\n')).resolves.toBeUndefined(); // prettier-ignore
});

test.each([
  ['pg_wal\t/windlass/data/wal', "the link 'pg_wal' to '/windlass/data/wal'"],
  ['base/5/16390\t/mnt/16390', "the link 'base/5/16390' to '/mnt/16390'"],
  ['pg_tblspc/16384\t/mnt/fast', "a tablespace of it lies at '/mnt/fast', outside of /windlass/data"],
  ['pg_tblspc/16384\t/windlass/data/pgdata/ts', "lies at '/windlass/data/pgdata/ts', outside of /windlass/data or in"],
  ['pg_tblspc/16384\t/windlass/data/vol/ts', "lies at '/windlass/data/vol/ts', in a volume"],
  ['pg_tblspc/16384\t/windlass/data/link/ts', "lies at '/windlass/data/link/ts', behind a link"],
])('%s is refused by name', async (links, words) => {
  rmSync(path.join(data, 'link'), { force: true });
  mkdirSync(data, { recursive: true });
  symlinkSync('/tmp', path.join(data, 'link'));
  await expect(look(`${links}\n`)).rejects.toMatchObject({
    code: 'operation_refused',
    message: expect.stringContaining(words) as string,
  });
});
