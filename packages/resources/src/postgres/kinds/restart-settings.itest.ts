import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { isOwnedSetting } from '../spec/settings.ts';
import { isReadAtStart } from '../inside/restart-settings.ts';

/** The image itself knows: every setting it reads only at the start, without starting a server. */
async function settingsReadAtStart(): Promise<string[]> {
  const command = [
    'run',
    '--rm',
    '--network',
    'none',
    '--entrypoint',
    'postgres',
    'windlass/postgres:17',
    '--describe-config',
  ];
  const { stdout } = await promisify(execFile)('docker', command);
  const rows = stdout.split('\n').map((line) => line.split('\t'));
  return rows.filter(([, context]) => context === 'postmaster').map(([name = '']) => name);
}

it('knows every setting of Postgres 17 that needs a restart and that a spec may name', async () => {
  const found = await settingsReadAtStart();
  expect(found.length).toBeGreaterThan(30);
  expect(found.filter((name) => !isOwnedSetting(name) && !isReadAtStart(name))).toEqual([]);
});
