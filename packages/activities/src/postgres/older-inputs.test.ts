import { olderInputs } from './older-inputs.ts';

const entity = { kind: 'database', id: 'shop' };
const { seen } = olderInputs({ seen: (input?: object) => Promise.resolve(input) });

test('what names a database only is told which entity that is', async () => {
  const input = { databaseId: 'shop', taskId: 't1', step: { action: 'create' } };
  expect(await seen(input)).toEqual({ ...input, entity });
});

test.each([
  ['an entity of another kind', { entity: { kind: 'thing', id: 'shop' }, databaseId: 'shop', taskId: 't1' }],
  ['an entity of today', { entity, databaseId: 'shop', taskId: 't1' }],
  ['a task of a host', { hostId: 'h1', taskId: 't1' }],
  ['nothing at all', undefined],
])('%s stays what it is', async (_what, input) => {
  expect(await seen(input)).toBe(input);
});
