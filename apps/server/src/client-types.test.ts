import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openFixture } from './testing/fixture.ts';

const ROOT = path.join(__dirname, '../../..');
const FILE = path.join(ROOT, 'packages/client/src/api.gen.ts');
/** WINDLASS_GENERATE=yes writes the file instead of comparing with it. */
const writes = process.env['WINDLASS_GENERATE'] === 'yes';

/** Both are modules that jest cannot load. */
const run = (bin: string, args: readonly string[], input?: string): string =>
  execFileSync(bin, args, { cwd: ROOT, encoding: 'utf8', stdio: ['pipe', 'pipe', 'pipe'], ...(input !== undefined && { input }) }); // prettier-ignore

test('the types of @windlass/client are those of the OpenAPI document', async () => {
  const f = await openFixture();
  const { body } = await f.app.inject('/v1/openapi.json');
  await f.app.close();
  const folder = mkdtempSync(path.join(tmpdir(), 'windlass-openapi-'));
  writeFileSync(path.join(folder, 'openapi.json'), body);
  const types = run('apps/server/node_modules/.bin/openapi-typescript', [
    '--default-non-nullable=false',
    path.join(folder, 'openapi.json'),
  ]);
  rmSync(folder, { recursive: true });
  const text = `// Generated from the OpenAPI document by apps/server/src/client-types.test.ts.\n${types}`;
  const pretty = run('node_modules/.bin/prettier', ['--stdin-filepath', FILE], text);
  if (writes) writeFileSync(FILE, pretty);
  expect(pretty).toBe(readFileSync(FILE, 'utf8'));
});
