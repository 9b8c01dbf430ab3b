import type { AddressInfo } from 'node:net';
import { entityRoutes } from '../../server/src/entities/entity-routes.ts';
import { routes } from '../../server/src/routes/index.ts';
import { gadgetEdge, gadgetUpkeep } from '../../server/src/testing/gadget-edge.ts';
import { openFixture, type Fixture } from '../../server/src/testing/fixture.ts';
import { upkeep } from '../../server/src/upkeep.ts';
import { makeCommand } from './testing/command.ts';

let f: Fixture;
beforeEach(async () => {
  const more = { upkeep: [...upkeep, gadgetUpkeep] };
  f = await openFixture('', () => new Date(), more, { routes: [...routes, ...entityRoutes(gadgetEdge)] });
  await f.app.listen({ host: '127.0.0.1', port: 0 });
});
afterEach(() => f.app.close());

test('a kind that the API has and the command knows nothing of is declared, shown, changed, canceled and deleted', async () => {
  const { windlass } = makeCommand(`http://127.0.0.1:${String((f.app.server.address() as AddressInfo).port)}`);
  f.temporal.results.set('planEntity', { steps: [], sentences: ['make gadget g1'] });
  const gadget = (size: number) => ({
    readInput: () => Promise.resolve(`{"kind":"gadget","id":"g1","spec":{"size":${String(size)}}}`),
  });
  const made = await windlass(['apply', '-f', '-', '--yes'], gadget(3));
  expect(made).toMatchObject({ code: 0, out: expect.stringContaining('create of gadget g1 is pending') });
  expect((await windlass(['get', 'gadgets'])).out).toContain('g1');
  expect(JSON.parse((await windlass(['get', 'gadget', 'g1', '-o', 'json'])).out)).toMatchObject({ id: 'g1', size: 3 });
  expect(await windlass(['apply', '-f', '-', '--yes'], gadget(4))).toMatchObject({ code: 0 });
  expect(JSON.parse((await windlass(['get', 'gadget', 'g1', '-o', 'json'])).out)).toMatchObject({ size: 4 });
  // Gadgets do not show their spec.
  expect(await windlass(['export', 'gadget', 'g1'])).toMatchObject({ code: 2, err: expect.stringContaining('gadget') });
  expect((await windlass(['describe', 'gadget', 'g1'])).out).toContain('task watch');
  expect((await windlass(['get', 'nonsense'])).err).toContain('there are databases, gadgets, hosts');
  const id = /task (\S+):/.exec(made.out)?.[1] ?? '';
  expect(await windlass(['task', 'cancel', id])).toMatchObject({ code: 0, out: expect.stringContaining('canceling') });
  expect(await windlass(['delete', 'gadget', 'g1', '--yes'])).toMatchObject({ code: 0 });
});
