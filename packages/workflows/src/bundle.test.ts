import path from 'node:path';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import * as workflows from './index.ts';

test('the workflows bundle from source: nothing they import touches the machine', async () => {
  const { code } = await bundleWorkflowCode({
    workflowsPath: path.join(__dirname, 'index.ts'),
    logger: new DefaultLogger('ERROR'),
    webpackConfigHook: (c) => ({ ...c, resolve: { ...c.resolve, conditionNames: ['@windlass/source', '...'] } }),
  });
  for (const name of Object.keys(workflows)) expect(code).toContain(name);
  expect(Object.keys(workflows)).toHaveLength(6);
});
