// Workers of the measurement's own on the stack's Temporal: real workflows, activities and engine, kinds that do nothing.
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { createActivities, workOf } from '../../packages/activities/dist/index.js';
import { ResourceState, resourceFactory } from '../../packages/resources/dist/engine/index.js';
import { entityFence } from '../../packages/resources/dist/entity/index.js';
import { resourceRecords } from '../../packages/resources/dist/engine/records.js';
import { databaseRecords, databaseSpecs } from '../../packages/resources/dist/postgres/records/index.js';
import { openPayloads } from '../../packages/resources/dist/platform/payloads/index.js';
import { createMasterKeys, createSecretBox, KeyRing, openEtcdKv } from '../../packages/resources/dist/store/index.js';
import { taskRecords } from '../../packages/resources/dist/tasks/index.js';
import { ETCD, HOME, ROOT, TEMPORAL } from '../stack.mjs';

const ofWorker = createRequire(new URL('../../apps/worker/package.json', import.meta.url));
const ofServer = createRequire(new URL('../../apps/server/package.json', import.meta.url));
const { DefaultLogger, NativeConnection, Runtime, Worker, bundleWorkflowCode } = ofWorker('@temporalio/worker');
const { Connection, Client } = ofServer('@temporalio/client');
const { z } = ofWorker('zod');
const QUEUE = 'bench';

const nothing = resourceFactory()({
  kind: 'bench.nothing',
  version: 1,
  spec: z.strictObject({ name: z.string(), after: z.array(z.string()) }),
  status: z.strictObject({}),
  id: (spec) => spec.name,
  executor: () => ({ on: 'host', hostId: 'bench' }),
  dependsOn: (spec) => spec.after.map((name) => ({ ref: { kind: 'bench.nothing', id: name }, output: true })),
  refresh: async () => ({ status: {}, drift: [] }),
  create: async () => ({}),
  delete: async () => undefined,
});

const trust = (name) => readFileSync(path.join(HOME, 'ca', name), 'utf8');
const openKv = () =>
  openEtcdKv({
    endpoints: [ETCD],
    caPem: trust('ca.crt'),
    certPem: trust('root.crt'),
    keyPem: trust('root.key'),
    prefix: '/windlass-bench/',
  });

function depsOn(kv) {
  return {
    kv,
    state: new ResourceState(kv, entityFence),
    clients: { host: { hostId: 'bench' }, dcs: { leader: async () => undefined } },
    kind: () => nothing,
    work: (kind) => ({ ...workOf(kind), desired: desiredOf }),
    sampleInstances: async () => undefined,
    timeoutBefore: async () => undefined,
  };
}

async function desiredOf({ kv }, { id }) {
  const { value } = await databaseSpecs.get(kv, id);
  return value.spec.nodes.map((spec) => nothing.want(spec));
}

/** What Temporal keeps is encrypted, as in the programs. */
function dataConverterOn(kv) {
  const box = createSecretBox(kv, createMasterKeys(kv, KeyRing.of(randomBytes(32))));
  const { codec } = openPayloads(kv, box, 'encrypted');
  const failureConverterPath = path.join(ROOT, 'packages/workflows/dist/failure-converter.js');
  return { payloadCodecs: [codec], failureConverterPath };
}

export async function openBenchWorkers() {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const [kv, connection, clientConnection] = await Promise.all([
    openKv(),
    NativeConnection.connect({ address: TEMPORAL, grpcCompression: { codec: 'none' } }),
    Connection.connect({ address: TEMPORAL }),
  ]);
  const dataConverter = dataConverterOn(kv);
  const activities = { ...createActivities(depsOn(kv)), nothing: async () => undefined };
  const common = {
    connection,
    activities,
    dataConverter,
    maxHeartbeatThrottleInterval: '300ms',
    shutdownGraceTime: '1s',
  };
  const raw = await bundleRaw();
  const codePath = path.join(ROOT, 'packages/workflows/dist/workflow-bundle.js');
  const workers = await Promise.all([
    Worker.create({ ...common, taskQueue: QUEUE, workflowBundle: { codePath } }),
    Worker.create({ ...common, taskQueue: `${QUEUE}.raw`, workflowBundle: raw }),
    Worker.create({ ...common, taskQueue: 'host.bench' }),
  ]);
  const running = Promise.all(workers.map((worker) => worker.run()));
  const client = new Client({ connection: clientConnection, dataConverter });
  let n = 0;
  return {
    task: (steps, after) => task(kv, client, `bench-${process.pid}-${(n += 1)}`, steps, after),
    raw: async (steps, after) => {
      const begun = performance.now();
      const args = [Array.from({ length: steps }, (_, i) => after(i))];
      const workflowId = `bench-raw-${process.pid}-${(n += 1)}`;
      await client.workflow.execute('rawSteps', { taskQueue: `${QUEUE}.raw`, workflowId, args });
      return performance.now() - begun;
    },
    close: async () => {
      for (const worker of workers) worker.shutdown();
      await running;
      await kv.commit([], [{ removePrefix: '' }]);
      await Promise.all([kv.close(), connection.close(), clientConnection.close()]);
    },
  };
}

/** The floor's workflow, with the packages of our workflows. */
const bundleRaw = () =>
  bundleWorkflowCode({
    workflowsPath: path.join(ROOT, 'bench/engine/raw-workflow.mjs'),
    webpackConfigHook: (config) => ({
      ...config,
      resolve: { ...config.resolve, modules: [path.join(ROOT, 'packages/workflows/node_modules'), 'node_modules'] },
    }),
    logger: { trace() {}, debug() {}, info() {}, warn() {}, error: console.error, log() {} },
  });

/** Accepts a spec of so many resources, as the server does, and times the task from its start to its result. */
async function task(kv, client, databaseId, steps, after) {
  const taskId = 'task-1';
  const createdAt = new Date().toISOString();
  const workflowId = `database/${databaseId}`;
  const about = { scope: 'database', entityId: databaseId };
  const nodes = Array.from({ length: steps }, (_, i) => ({ name: `r${i}`, after: after(i).map((j) => `r${j}`) }));
  const revision = await kv.commit(
    [],
    [
      databaseSpecs.put({ spec: { nodes } }, databaseId),
      databaseRecords.put(
        { id: databaseId, createdAt, updatedAt: createdAt, state: 'creating', openTaskId: taskId },
        databaseId,
      ),
      taskRecords.put(
        { taskId, ...about, type: 'create', status: 'pending', createdAt, workflowId },
        'database',
        databaseId,
        taskId,
      ),
    ],
  );
  const begun = performance.now();
  await client.workflow.execute('createDatabase', {
    taskQueue: QUEUE,
    workflowId,
    args: [{ databaseId, taskId, revision }],
  });
  const ms = performance.now() - begun;
  const made = await resourceRecords.list(kv, [databaseId]);
  if (made.filter(({ value }) => value.phase === 'ready').length !== steps) throw new Error('not every step was done');
  return ms;
}
