import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { makeCommand } from './testing/command.ts';

test('up and down are the scripts of a checkout: of this folder, one above it, or the one that is named', async () => {
  const cli = makeCommand('http://127.0.0.1:1');
  const ran: (readonly [string, readonly string[]])[] = [];
  const runs = { programs: { has: () => true, run: (program: string, args: readonly string[]) => (ran.push([program, args]), Promise.resolve(ran.length === 3 ? 1 : 0)) } }; // prettier-ignore
  const lost = await cli.windlass(['up'], runs);
  expect([lost.code, lost.err]).toEqual([2, expect.stringContaining('--checkout FOLDER')]);
  mkdirSync(path.join(cli.cwd, 'src/bin'), { recursive: true });
  for (const name of ['src/bin/up', 'src/bin/down']) writeFileSync(path.join(cli.cwd, name), '');
  expect((await cli.windlass(['up', '--checkout', 'src', '--no-example'], runs)).code).toBe(0);
  expect((await cli.windlass(['down'], { ...runs, cwd: path.join(cli.cwd, 'src/bin') })).code).toBe(0);
  expect((await cli.windlass(['down', '--checkout', 'src', '--purge'], runs)).code).toBe(2);
  expect((await cli.windlass(['down', '--checkout', 'src', '--purge', '--yes'], runs)).code).toBe(1);
  const at = path.join(cli.cwd, 'src/bin');
  expect(ran).toEqual([
    [`${at}/up`, ['--no-example']],
    [`${at}/down`, []],
    [`${at}/down`, ['--purge']],
  ]);
});
