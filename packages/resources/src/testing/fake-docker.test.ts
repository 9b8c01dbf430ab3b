import { tmpdir } from 'node:os';
import { describeDocker } from './describe-docker.ts';
import { createFakeDocker } from './fake-docker.ts';

const docker = createFakeDocker();

describeDocker('Docker in memory', 'it', () => ({ docker, swarmNodeId: 'node-1', directory: tmpdir() }));
