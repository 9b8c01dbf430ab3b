import { openFixture, shopSpec } from '../testing/fixture.ts';

test('what only hosts know is asked of them, by a run that is found as one of the database', async () => {
  const f = await openFixture();
  const declare = (id: string, more: object) => f.call('POST', '/v1/databases', { id, spec: { ...shopSpec, ...more } });
  expect((await declare('bank', {})).status).toBe(200);
  expect(f.temporal.executed).toEqual([]);
  expect((await declare('shop', { port: 5433 })).status).toBe(200);
  const attributes = { WindlassDatabaseId: 'shop', WindlassEntity: 'database/shop', WindlassTaskType: 'validate' };
  expect(f.temporal.executed).toMatchObject([{ type: 'validatePlacement', attributes }]);
  await f.app.close();
});
