// node packages/workflows/scripts/replay-all.mjs: runs the workflows of this build through every history a Temporal server
// has, open runs included. Do it before a new build takes over from an old one. TEMPORAL_ADDRESS (127.0.0.1:7233),
// TEMPORAL_NAMESPACE (default), API and TOKEN, which decode (remote-codec.mjs). Status 0: every run can be continued. Temporal's own workflows are left out.
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { remoteCodec } from './remote-codec.mjs';

Runtime.install({ logger: new DefaultLogger('ERROR') });
const connection = await Connection.connect({ address: process.env.TEMPORAL_ADDRESS ?? '127.0.0.1:7233' });
const dataConverter = { payloadCodecs: [remoteCodec()] };
const client = new Client({ connection, namespace: process.env.TEMPORAL_NAMESPACE ?? 'default', dataConverter });
const workflowBundle = { codePath: fileURLToPath(new URL('../dist/workflow-bundle.js', import.meta.url)) };

const [problems, seen] = [[], []];
for await (const { workflowId, runId } of client.workflow.list()) {
  const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
  seen.push(workflowId);
  await Worker.runReplayHistory({ workflowBundle, dataConverter }, history, workflowId).catch((err) => {
    problems.push(`${workflowId} ${runId}: ${err.message}`);
  });
}
for (const problem of problems) console.error(problem);
console.log(`${seen.length} histories, ${problems.length} that this build cannot continue`);
await connection.close();
process.exitCode = problems.length === 0 ? 0 : 1;
