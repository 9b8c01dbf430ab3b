import type { Clients, ExecResult, RunRequest } from '../clients/ports.ts';
import type { CompareResult } from '../spec/compare-result.ts';
import { compareNodes, type ComparePlace } from './compare-nodes.ts';

const place: ComparePlace = {
  ...{ databaseId: 'shop', instanceId: 'shop-n1-a', imageId: 'sha256:r', networkName: 'net', databaseName: 'orders' },
  nodes: [
    { number: 1, name: 'n1', hosts: ['postgres-a:5432'] },
    { number: 2, name: 'n2', hosts: ['postgres-b:5432', 'postgres-c:5432'] },
  ],
};
const result: CompareResult = {
  ...{ equal: true, nodes: ['n1', 'n2'], tables: 1, rows: 5, differingTables: [], differences: [], more: false },
};

function docker(answer: Partial<ExecResult>, output: readonly string[] = []) {
  const requests: RunRequest[] = [];
  const run = (request: RunRequest): Promise<ExecResult> => {
    requests.push(request);
    for (const text of output) request.onOutput?.(text);
    return Promise.resolve({ exitCode: 0, stdout: '', stderr: '', ...answer });
  };
  const clients = { docker: { run }, files: { absolute: (path: string) => `/data/${path}` } } as unknown as Clients;
  return { clients, requests };
}
const progress: string[] = [];
const run = { signal: new AbortController().signal, progress: (text: string) => void progress.push(text) };
beforeEach(() => void (progress.length = 0));

test('it is done in the network of the database with the certificate of the replicator, and tells how far it is', async () => {
  const { clients, requests } = docker(
    { stdout: `{"progress":"a"}\n${JSON.stringify({ result })}\n` },
    ['{"progress":"compares ', 'public.t"}\n{"progress":"b"}\nnot JSON\n'],
  ); // prettier-ignore
  expect(await compareNodes(clients, place, { tables: ['public.t'], repairFrom: 'n2' }, run)).toEqual(result);
  expect(progress).toEqual(['compares public.t', 'b']);
  expect(requests).toMatchObject([{ image: 'sha256:r', networks: ['net'], name: 'windlass-compare-shop' }]);
  expect(requests[0]?.mounts).toMatchObject([{ target: '/windlass/certs', readOnly: true }]);
  const [program, file, argument = ''] = requests[0]?.command ?? [];
  expect([program, file]).toEqual(['node', '/app/compare.mjs']);
  expect(JSON.parse(argument)).toMatchObject({
    ...{ database: 'orders', user: 'windlass_replicator', tables: ['public.t'], repairFrom: 2 },
    nodes: [
      { number: 1, name: 'n1', hosts: [{ host: 'postgres-a', port: 5432 }] },
      {
        ...{ number: 2, name: 'n2' },
        hosts: [
          { host: 'postgres-b', port: 5432 },
          { host: 'postgres-c', port: 5432 },
        ],
      },
    ],
  });
});

test.each([
  ['its own words', { exitCode: 1, stdout: '{"error":"node n2 is away"}\n' }, 'node n2 is away'],
  ['what the shell said', { exitCode: 127, stderr: 'node: not found' }, 'node: not found'],
  ['that it said nothing', { exitCode: 137 }, 'it said nothing'],
])('one that fails is told in %s', async (_what, answer, reason) => {
  const { clients } = docker(answer);
  await expect(compareNodes(clients, place, {}, run)).rejects.toMatchObject({
    code: 'compare_failed',
    message: `the nodes could not be compared: ${reason}`,
  });
});
