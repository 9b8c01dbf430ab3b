import path from 'node:path';
import * as workflows from './index.ts';
import { bundleFrom } from './testing/bundle-from.ts';

test('the workflows bundle from source: nothing they import touches the machine', async () => {
  const code = await bundleFrom(path.join(__dirname, 'index.ts'));
  for (const name of Object.keys(workflows)) expect(code).toContain(name);
  expect(Object.keys(workflows).length).toBeGreaterThan(15);
});
