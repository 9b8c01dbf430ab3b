import type { WorkflowFailedError } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { DomainError, toFailure } from '@windlass/resources/errors';
import { payloadTexts } from '../testing/histories.ts';
import { openRig, type Rig } from '../testing/rig.ts';
import { step } from '../testing/steps.ts';

let rig: Rig;
beforeAll(async () => (rig = await openRig()));
afterAll(() => rig.close());

const MARK = 'canary-of-a-failure';

test('Temporal keeps nothing of arguments, results, summaries, and failures in clear, and who has the key reads them', async () => {
  const flow = await rig.start('createDatabase', {
    steps: [step('a')],
    apply: () => {
      throw toFailure(new DomainError('script_failed', `${MARK} in a message`, { details: { why: MARK } }));
    },
  });
  const failed = await flow.handle.result().catch((err: unknown) => err as WorkflowFailedError);
  expect((failed as WorkflowFailedError).cause).toMatchObject({ message: expect.stringContaining(MARK) as string });
  expect(flow.inputOf('finishTask')).toMatchObject({ outcome: 'failed', error: expect.stringContaining(MARK) as string }); // prettier-ignore
  const kept = historyToJSON(await flow.handle.fetchHistory());
  const all = [kept, ...payloadTexts(JSON.parse(kept))].join('\n');
  for (const text of [MARK, 'task-1', 'databaseId', 'create test::a', 'refreshQueues']) expect(all).not.toContain(text);
  expect(kept).toMatch(/"type": ?"script_failed"/); // the name of the error is not encrypted: Temporal decides by it
});
