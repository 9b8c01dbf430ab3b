import path from 'node:path';
import type { Workflows } from '@windlass/resources/tasks';
import * as workflows from './index.ts';
import { bundleFrom } from './testing/bundle-from.ts';

test('the workflows bundle from source: nothing they import touches the machine', async () => {
  const code = await bundleFrom(path.join(__dirname, 'index.ts'));
  for (const name of Object.keys(workflows)) expect(code).toContain(name);
  expect(Object.keys(workflows).length).toBeGreaterThan(15);
});

test('workflows that differ from those that are started by name do not compile', () => {
  const { createDatabase: _one, ...others } = workflows;
  // @ts-expect-error one is not exported
  const lacking: Workflows = others;
  const changed: Workflows = {
    ...workflows,
    // @ts-expect-error one takes something else
    createDatabase: (input: { readonly name: string }) => Promise.resolve(void input.name),
  };
  expect([Object.keys(lacking).length + 1, Object.keys(changed).length]).toEqual(
    Array(2).fill(Object.keys(workflows).length),
  );
});
