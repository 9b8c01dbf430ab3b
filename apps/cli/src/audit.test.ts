import type { TestCommand } from './testing/command.ts';
import { eachTest } from './testing/each-test.ts';
import { REPLICA } from './testing/server.ts';

let cli: TestCommand;
eachTest(([, now]) => (cli = now));

test('the audit: who did what, an export that is checked, and what is wrong with one that was changed', async () => {
  await cli.windlass(['token', 'create', 'ci', '--role', 'viewer']);
  await cli.windlass(['stop', 'shop', REPLICA]);
  const { out } = await cli.windlass(['audit', 'list']);
  expect(out).toMatch(
    /^ID +AT +WHO +FROM +OPERATION +ENTITY +ANSWER\n2 .*stop-instance +database\/shop +200\n1 .*loopback.*create-token/,
  );
  expect(JSON.parse((await cli.windlass(['audit', 'list', '--operation', 'create-token', '-o', 'json'])).out)).toMatchObject([{ seq: 1, who: { kind: 'loopback' } }]); // prettier-ignore
  expect((await cli.windlass(['audit', 'list', '--limit', '1', '-o', 'name'])).out).toBe('audit/2\n');
  expect((await cli.windlass(['audit', 'list', '--since', 'yesterday'])).code).toBe(3);
  const chain = (await cli.windlass(['audit', 'export'])).out;
  const checked = async (text: string, ...more: string[]) => {
    const { code, out: good, err } = await cli.windlass(['audit', 'check', '-', ...more], { readInput: () => Promise.resolve(text) }); // prettier-ignore
    return [code, good + err];
  };
  const [, mark = ''] = /up to (\S+)/.exec((await cli.windlass(['audit', 'check'])).out) ?? [];
  expect(await checked(chain, '--known', mark)).toEqual([0, `good: 2 lines, up to ${mark}\n`]);
  expect(await checked(chain.replace('create-token', 'delete-token'))).toEqual([1, expect.stringContaining('-, line 2: line 1 of the chain was changed')]); // prettier-ignore
  expect(await checked(chain.replace(/\{"head.*\n/, ''))).toEqual([1, expect.stringContaining('cut off')]);
  expect(await checked(chain, '--known', `2:${'0'.repeat(64)}`)).toEqual([
    1,
    expect.stringContaining('not the known one'),
  ]);
  expect((await cli.windlass(['audit', 'check', '--known', 'x'])).code).toBe(2);
  expect((await cli.windlass(['audit', 'check', 'none.jsonl'])).code).toBe(2);
});
