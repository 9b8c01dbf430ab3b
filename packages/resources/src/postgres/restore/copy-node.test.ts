import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Clients, RunRequest } from '../clients/ports.ts';
import { createFakeClients } from '../../testing/fake-clients.ts';
import { ODD_NAMES } from '../spec/hostile-corpus.ts';
import { copyNode } from './copy-node.ts';
import { DATA_MOUNT } from '../kinds/directories.ts';

const root = mkdtempSync(path.join(tmpdir(), 'windlass-copy-'));
const said = path.join(root, 'said');
let fake: Clients;
beforeAll(async () => {
  fake = await createFakeClients(root);
  mkdirSync(path.join(root, 'bin'));
  writeFileSync(path.join(root, 'bin/psql'), `#!/bin/sh\nfor a; do case $a in service=*) printf %s "$a" > ${said} ;; esac; done\necho 1\n`);
  chmodSync(path.join(root, 'bin/psql'), 0o755);
}); // prettier-ignore
afterAll(() => rmSync(root, { recursive: true }));

const place = {
  ...{ key: 'task', databaseId: 'shop', nodeName: 'n2', instanceId: 'shop-n2-a', backupsOf: 'shop' },
  container: { imageId: 'x', postgresMajor: 17, volumes: [], networks: [] },
};
const run = { signal: new AbortController().signal, progress: () => undefined };

/** Runs the first script for real, in this machine's shell, with a psql that only notes to what it was to connect. */
function runScript({ command }: RunRequest): Promise<never> {
  const [, script = ''] = command;
  const file = path.join(root, 'instances/shop-n2-a/data', script.slice(DATA_MOUNT.length));
  const PATH = `${path.join(root, 'bin')}:${process.env['PATH'] ?? ''}`;
  execFileSync('sh', [file], { env: { PATH }, cwd: root, timeout: 10_000 });
  return Promise.reject(new Error('that will do'));
}

/** The value of the last option of a connection, as libpq reads it. */
const lastValue = (text: string): string => /'((?:[^'\\]|\\.)*)'$/s.exec(text)?.[1]?.replace(/\\(.)/gs, '$1') ?? '';

it.each([...ODD_NAMES, `a '\\`])('a database called %j is asked for by that name when a node is copied', async (databaseName) => {
  const clients: Clients = { ...fake, docker: { ...fake.docker, run: runScript } };
  const source = { number: 1, name: 'n1', hosts: ['postgres-shop-n1-a:5432'] };
  const node = { number: 2, name: 'n2', databaseName, source: 1, there: [source], peers: [] };
  await expect(copyNode(clients, place, node, run)).rejects.toThrow('that will do');
  const [service, ...rest] = readFileSync(said, 'utf8').split(' dbname=');
  expect([service, lastValue(`dbname=${rest.join(' dbname=')}`)]).toEqual(['service=1', databaseName]);
}); // prettier-ignore
