import type { Clients } from '../clients/index.ts';
import { container } from '../../testing/instance-fixture.ts';
import { readInstanceLog } from './read-log.ts';

const at = (n: number): string => `2026-01-31T12:00:00.${String(n).padStart(9, '0')}Z`;
/** An instance that wrote these lines. */
const read = (texts: readonly string[], most: number) => {
  const docker = {
    serviceContainer: () => Promise.resolve(container),
    logLines: (_id: string, query: { most: number }) =>
      Promise.resolve(texts.map((text, n) => ({ at: at(n), text })).slice(-query.most)),
  };
  return readInstanceLog({ docker } as unknown as Clients, 'shop-n1-a', { most });
};

test('the newest lines in their order; whether there are more; a password that goes over two lines', async () => {
  const log = ['first', 'ERROR:  role', 'STATEMENT:  ALTER ROLE x PASSWORD', "\t'hush' LOGIN"];
  expect(await read(log, 3)).toEqual({
    lines: [
      { at: at(1), text: 'ERROR:  role' },
      { at: at(2), text: 'STATEMENT:  ALTER ROLE x PASSWORD' },
      { at: at(3), text: "\t'***' LOGIN" },
    ],
    cut: true,
  });
  expect((await read(log, 4)).cut).toBe(false);
});

test('is as large as an answer can be, and says that it was cut', async () => {
  const { lines, cut } = await read(Array<string>(1000).fill('x'.repeat(9000)), 1000);
  expect([lines.length, lines[0]?.text.length, lines.at(-1)?.at, cut]).toEqual([123, 4000, at(999), true]);
});

test('an instance without a container has written nothing', async () => {
  const docker = { serviceContainer: () => Promise.resolve(undefined) };
  expect(await readInstanceLog({ docker } as unknown as Clients, 'shop-n1-a', { most: 9 })).toEqual({ lines: [], cut: false }); // prettier-ignore
});
