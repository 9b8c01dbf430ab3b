import path from 'node:path';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';

/** The code of a workflow bundle made from TypeScript sources. */
export async function bundleFrom(workflowsPath: string): Promise<string> {
  const { code } = await bundleWorkflowCode({
    workflowsPath,
    failureConverterPath: path.join(__dirname, '../failure-converter.ts'),
    logger: new DefaultLogger('ERROR'),
    webpackConfigHook: (c) => ({ ...c, resolve: { ...c.resolve, conditionNames: ['@windlass/source', '...'] } }),
  });
  return code;
}
