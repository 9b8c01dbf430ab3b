import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DeterminismViolationError } from '@temporalio/workflow';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { aCodec } from '@windlass/resources/testing';
import { bundleFrom } from '../testing/bundle-from.ts';
import { bundlePath } from '../testing/bundle-path.ts';
import { dataConverter } from '../testing/data-converter.ts';
import { encryptedBy, histories, payloadTexts } from '../testing/histories.ts';

beforeAll(() => Runtime.install({ logger: new DefaultLogger('ERROR') }));

const replay = (codePath: string, history: object): Promise<void> =>
  Worker.runReplayHistory({ workflowBundle: { codePath }, dataConverter }, history, 'database/replay');

test('there is a history of every way in which a change begins and ends', () => {
  const names = histories().map(([name]) => name);
  expect(names).toEqual(
    expect.arrayContaining([
      'compare-nodes',
      'create',
      'create-canceled',
      'create-failed',
      'create-nodes',
      'delete',
      'delete-after-cancel',
      'delete-nodes',
      'list-conflicts',
      'skip-transaction',
      'update',
      'update-nothing-to-do',
    ]),
  );
});

test.each(histories())('the history "%s" is of the workflow that it is named after', (name, { events }) => {
  const [of] = /"workflowType":\{"name":"[a-z]*/.exec(JSON.stringify(events)) ?? [];
  expect(of).toBe(`"workflowType":{"name":"${name.split('-')[0] ?? ''}`);
});

test.each(histories())('the workflows of today can continue the run "%s"', async (_name, history) => {
  await replay(bundlePath(), history);
});

test.each(histories())('and the run "%s" had it been encrypted, with the key alone', async (_name, history) => {
  const [codec = aCodec()] = dataConverter.payloadCodecs;
  await replay(bundlePath(), (await encryptedBy(codec, history)) as object);
  const foreign = (await encryptedBy(aCodec(), history)) as object;
  await expect(replay(bundlePath(), foreign)).rejects.toThrow(/workflow task failure.*Encoded failure/);
});

test.each(histories())('the history "%s" holds no secret, no spec and no path of a machine', (_name, history) => {
  const text = [JSON.stringify(history), ...payloadTexts(history)].join('\n');
  expect(payloadTexts(history).join('\n')).toContain('"databaseId":"replay-');
  expect(text).not.toMatch(/not-in-any-history|SCRAM-SHA|PRIVATE KEY|password|postgresql_conf/i);
  expect(text).not.toMatch(/\/(tmp|root|home|usr|var|opt)\//);
});

test('a workflow that does something else than its open runs have recorded is found out', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'windlass-changed-'));
  const changed = path.join(folder, 'bundle.js');
  await writeFile(changed, await bundleFrom(path.join(__dirname, '../testing/changed-workflows.ts')));
  const create = new Map(histories()).get('create') ?? {};
  await expect(replay(changed, create)).rejects.toThrow(DeterminismViolationError);
  await rm(folder, { recursive: true });
});
