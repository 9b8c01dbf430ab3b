import { Conditions } from './conditions.ts';
import { judgeDdl } from './ddl-waits.ts';

const APPLIED = { lastCommitTime: undefined, applied: 0, waitsFor: undefined };

it('tells of DDL that takes long, until it is done', () => {
  const conditions = new Conditions(() => undefined);
  const ddl = { statement: 'CREATE INDEX (index public.i) of node 2', since: 1000 };
  judgeDdl(2, { ...APPLIED, ddl }, conditions, 3000);
  expect(conditions.all).toEqual([]);
  judgeDdl(2, { ...APPLIED, ddl }, conditions, 5000);
  expect(conditions.all).toMatchObject([
    { type: 'ddl_waits', peer: 2, message: expect.stringContaining(ddl.statement) as string },
  ]);
  judgeDdl(2, APPLIED, conditions, 6000);
  expect(conditions.all).toEqual([]);
});
