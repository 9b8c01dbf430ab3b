import { auditIntents, auditLines } from '@windlass/resources/audit';
import { databaseSpecs } from '@windlass/resources/postgres/records';
import { matchesScramVerifier } from '@windlass/resources/postgres/spec';
import { keys } from '@windlass/resources/store';
import { changeShop } from '../testing/contract-world.ts';
import { openFixture, shopSpec, type Fixture } from '../testing/fixture.ts';

const url = '/v1/databases/shop/users/app:rotate';
const NOW = new Date('2026-01-31T12:00:00Z');
const [IN_A_DAY, IN_AN_HOUR] = ['2026-02-01T12:00:00Z', '2026-01-31T13:00:00Z'];

let f: Fixture;
let time: Date;
beforeEach(async () => {
  time = NOW;
  f = await openFixture('', () => time);
  const users = [...shopSpec.database_users, { username: 'quiet' }, { username: 'off', password: 'x', attributes: ['NOLOGIN'] }]; // prettier-ignore
  await f.call('POST', '/v1/databases', { id: 'shop', spec: { ...shopSpec, database_users: users } });
  await free();
});
afterEach(() => f.app.close());

/** The task that owns it has ended. */
const free = () => {
  f.temporal.running.clear();
  return changeShop(f, { state: 'available', openTaskId: undefined });
};
const stored = async () => (await databaseSpecs.get(f.kv, 'shop'))!.value;
const rotate = async (body?: object) => {
  const { status, body: answer } = await f.call('POST', url, body);
  await free();
  return { status, ...(answer as { username: string; password: string; former: object; message: string }) };
};
const verifierOf = async (name: string): Promise<string> => {
  const found = await f.kv.get(keys.secret(`database/shop/user/${name}`));
  return f.deps.box.open(`database/shop/user/${name}`, found?.value);
};
const rotations = async () => (await stored()).rotations;
const OTHER = { other: 'app_alt', otherVersion: expect.stringMatching(/^[0-9a-f]{16}$/) as string };

test('the new password is that of a second login, and the first one ends in a day', async () => {
  const answer = await rotate();
  expect(answer).toMatchObject({ status: 200, username: 'app_alt', former: { username: 'app', valid_until: IN_A_DAY } });
  expect(matchesScramVerifier(answer.password, await verifierOf('app_alt'))).toBe(true);
  expect(matchesScramVerifier('hush-hush', await verifierOf('app'))).toBe(true);
  expect(await rotations()).toEqual({ app: { ...OTHER, ownUntil: IN_A_DAY } });
  expect(f.temporal.started.at(-1)).toMatchObject({ type: 'updateDatabase' });
  expect(JSON.stringify([await f.kv.list(''), f.temporal.started])).not.toContain(answer.password);
}); // prettier-ignore

test('the next one gives the first login another password; while both are good it is refused, unless told', async () => {
  await rotate();
  const { status, message } = await rotate();
  expect([status, message]).toEqual([409, `two logins of 'app' are good: 'app' until ${IN_A_DAY}. Wait, or end it now: end_former`]); // prettier-ignore
  time = new Date(IN_A_DAY);
  const again = await rotate({ grace_seconds: 3600 });
  expect(again).toMatchObject({
    username: 'app',
    former: { username: 'app_alt', valid_until: '2026-02-01T13:00:00Z' },
  });
  expect(matchesScramVerifier(again.password, await verifierOf('app'))).toBe(true);
  expect(await rotations()).toEqual({ app: { ...OTHER, otherUntil: '2026-02-01T13:00:00Z' } });
  expect(await rotate({ end_former: true, grace_seconds: 0 })).toMatchObject({ status: 200, username: 'app_alt' });
});

test('an update keeps both; a password that is declared is good again; a user that goes takes the second login along', async () => {
  await rotate({ grace_seconds: 3600 });
  const update = async (database_users: object[]) => {
    const { status, body } = await f.call('POST', '/v1/databases/shop', { spec: { ...shopSpec, database_users } });
    await free();
    return { status, message: body['message'] };
  };
  const { password: _, ...app } = shopSpec.database_users[0]!;
  await update([app, { username: 'quiet' }]);
  expect(await rotations()).toEqual({ app: { ...OTHER, ownUntil: IN_AN_HOUR } });
  expect(await update([app, { username: 'app_alt' }])).toEqual({ status: 400, message: expect.stringMatching(/database_users\[1\]\.username: "app_alt" is the second login of "app"/) as string }); // prettier-ignore
  await update([{ ...app, password: 'declared' }]);
  expect(await rotations()).toEqual({ app: OTHER });
  expect((await rotate()).message).toMatch(/'app_alt' for good/);
  await update([{ username: 'quiet' }]);
  expect(await stored()).not.toHaveProperty('rotations');
});

test.each([
  ['shop/users/nobody', 404, /has no user 'nobody'/],
  ['shop/users/quiet', 409, /user 'quiet' does not log in with a password/],
  ['shop/users/off', 409, /user 'off' does not log in with a password/],
  ['none/users/app', 404, /database not found/],
])('%s: %i', async (path, wanted, words) => {
  const { status, body } = await f.call('POST', `/v1/databases/${path}:rotate`);
  expect([status, body['message']]).toEqual([wanted, expect.stringMatching(words)]);
});

test('is refused while a task owns the database, and to an operator', async () => {
  await changeShop(f, { state: 'modifying', openTaskId: 'another' });
  expect((await f.call('POST', url)).status).toBe(409);
  const { body } = await f.call('POST', '/v1/tokens', { name: 'op', role: 'operator' });
  const header = { authorization: `Bearer ${String(body['token'])}` };
  expect((await f.call('POST', url, undefined, header)).status).toBe(403);
});

test('is a line of the audit without a secret', async () => {
  const { password } = await rotate();
  for (let left = 50; left > 0 && (await auditIntents.list(f.kv, [])).length > 0; left -= 1)
    await new Promise(setImmediate);
  const line = (await auditLines.list(f.kv, []))
    .map(({ value }) => value)
    .find((one) => one.operation === 'rotate-user');
  expect(line).toMatchObject({
    entity: { kind: 'database', id: 'shop' },
    changes: expect.arrayContaining([{ field: 'rotations.app.ownUntil', after: IN_A_DAY }]) as object[],
  });
  expect(JSON.stringify(line)).not.toContain(password);
});
