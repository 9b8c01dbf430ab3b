import type { ContainerFacts, DockerPort } from '../../platform/clients/docker-port.ts';
import { withOwners } from './container-owners.ts';

const container = (address: string, database?: string): ContainerFacts => ({
  ...{ id: 'c', state: 'running', startedAt: '', address },
  labels: database === undefined ? {} : { 'pgedge.database.id': database, 'pgedge.node.name': 'n1' },
});

test('whose instance is at an address is what Docker said last', async () => {
  let found: ContainerFacts | undefined;
  const docker = {
    serviceContainer: () => Promise.resolve(found),
    waitForRunning: () => Promise.resolve(found),
    serviceContainers: () => Promise.resolve(new Map(found ? [['s', found]] : [])),
  } as unknown as DockerPort;
  const { docker: noting, ownerOf } = withOwners(docker);
  const ways = [
    () => noting.serviceContainer('s'),
    () => noting.waitForRunning('s', AbortSignal.abort()),
    () => noting.serviceContainers(),
  ];
  for (const [i, way] of ways.entries()) {
    found = container('10.0.0.1', `db-${String(i)}`);
    await way();
    expect(ownerOf('10.0.0.1')).toEqual({ databaseId: `db-${String(i)}`, nodeName: 'n1' });
  }
  found = container('10.0.0.2');
  await noting.serviceContainer('s');
  found = undefined;
  expect([await noting.serviceContainer('s'), ownerOf('10.0.0.2'), ownerOf('')]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});
