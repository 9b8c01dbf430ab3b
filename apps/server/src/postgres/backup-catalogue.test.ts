import { backupChecks, databaseRecords, databaseSpecs, keptBackupRecords } from '@windlass/resources/postgres/records';
import { backup, BACKUPS, backupConfig, catalogue, LABEL, openBackedUp, secret } from '../testing/backed-up.ts';
import { shopSpec, type Fixture } from '../testing/fixture.ts';

let f: Fixture;
beforeEach(async () => void (f = await openBackedUp()));
afterEach(() => f.app.close());

describe('the catalogue', () => {
  it('lists what is in the repositories', async () => {
    await f.kv.commit(
      [],
      [
        {
          put: backupChecks.key('shop', 'n1', '2', LABEL),
          value: { checkedAt: '2026-02-01T00:00:00.000Z', verified: true },
        },
      ],
    );
    const answer = await f.call('GET', BACKUPS);
    expect(answer).toMatchObject({
      status: 200,
      body: {
        backups: [
          {
            label: LABEL,
            repository_id: 'cloud',
            verified: true,
            verified_at: '2026-02-01T00:00:00Z',
            encrypted: true,
          },
        ],
        repositories: [
          { repository: 1, problem: 'is away' },
          { repository: 2, repository_id: 'cloud', wal_min: 'a' },
        ],
        earliest_restorable: '2026-01-31T12:00:05Z',
      },
    });
    const attributes = {
      WindlassDatabaseId: 'shop',
      WindlassEntity: 'database/shop',
      WindlassTaskType: 'list_backups',
    };
    expect(f.temporal.executed).toMatchObject([{ attributes, input: { databaseId: 'shop', nodeName: 'n1' } }]);
    expect((await f.call('GET', `${BACKUPS}/${LABEL}`)).body).toMatchObject({ backup: { label: LABEL } });
    expect((await f.call('GET', `${BACKUPS}/none`)).status).toBe(404);
  });

  it('tells what a former database of the id left apart, and does not count it in what can be restored to', async () => {
    const former = { ...backup, label: '20260101-120000F', finishedAt: '2026-01-01T12:00:05.000Z', former: true };
    f.temporal.results.set('listBackups', { ...catalogue, backups: [former, backup] });
    expect((await f.call('GET', BACKUPS)).body).toMatchObject({
      backups: [{ label: former.label, of_former_database: true }, { label: LABEL }],
      earliest_restorable: '2026-01-31T12:00:05Z',
    });
    f.temporal.results.set('listBackups', { ...catalogue, backups: [former] });
    expect((await f.call('GET', BACKUPS)).body).not.toHaveProperty('earliest_restorable');
  });

  it.each([
    ['nothing is known', {}, {}],
    [
      'what was proven before holds',
      { provenAt: '2026-01-31T23:00:00.000Z' },
      { verified: true, verified_at: '2026-01-31T23:00:00Z' },
    ],
  ])('of a backup that could not be verified %s', async (_what, more, told) => {
    const value = { checkedAt: '2026-02-01T00:00:00.000Z', error: 'no space', ...more };
    await f.kv.commit([], [{ put: backupChecks.key('shop', 'n1', '2', LABEL), value }]);
    const { body } = await f.call('GET', `${BACKUPS}/${LABEL}`);
    const { verified, verified_at, verify_error } = body['backup'] as Record<string, unknown>;
    expect({ verified, verified_at, verify_error }).toEqual({
      verified: undefined,
      verified_at: undefined,
      ...told,
      verify_error: 'no space',
    });
  });

  it.each([
    ['DELETE', '', 'delete_backup', 'deleteBackup'],
    ['POST', '/verify', 'verify_backup', 'verifyBackup'],
  ])('%s of one backup%s is a task', async (method, path, type, workflow) => {
    const answer = await f.call(method, `${BACKUPS}/${LABEL}${path}`);
    expect(answer).toMatchObject({ status: 200, body: { task: { type, node_name: 'n1' } } });
    expect(f.temporal.started).toMatchObject([{ type: workflow, input: { label: LABEL, repository: 2 } }]);
    expect((await f.call(method, `${BACKUPS}/none${path}`)).status).toBe(404);
  });

  it('is 404 for a database there is not', async () => {
    expect((await f.call('GET', BACKUPS.replace('shop', 'none'))).status).toBe(404);
  });
});

describe('the credentials of a repository', () => {
  const everything = async (): Promise<string> => JSON.stringify(await f.kv.list(''));

  it('are nowhere in clear, and not in an answer', async () => {
    expect(await everything()).not.toContain(secret);
    const read = await f.call('GET', '/v1/databases/shop');
    expect(JSON.stringify(read.body)).toContain('"s3_bucket":"backups"');
    expect(JSON.stringify(read.body)).not.toMatch(/CANARY|s3_key/);
  });

  it('that an update leaves out are kept', async () => {
    const before = (await f.kv.get(databaseSpecs.key('shop')))?.value as { repositorySecrets: unknown };
    const repositories = backupConfig.repositories.map(({ s3_key: _key, s3_key_secret: _secret, ...rest }) => rest);
    await f.call('POST', '/v1/databases/shop', { spec: { ...shopSpec, backup_config: { repositories } } });
    const after = (await f.kv.get(databaseSpecs.key('shop')))?.value as { repositorySecrets: unknown };
    expect(after.repositorySecrets).toEqual(before.repositorySecrets);
    expect(Object.keys(before.repositorySecrets as object)).toHaveLength(1);
  });
});

describe('what becomes of the backups of a deleted database', () => {
  const start = () => f.temporal.started.at(-1)?.input;
  it('they are kept, for its tenant alone', async () => {
    await f.call('DELETE', '/v1/databases/shop');
    expect(start()).not.toHaveProperty('purgeBackups');
    await f.kv.commit([], [{ remove: databaseRecords.key('shop') }, { remove: databaseSpecs.key('shop') }]);
    const again = { id: 'shop', spec: { ...shopSpec, backup_config: backupConfig } };
    const other = await f.call('POST', '/v1/databases', { ...again, tenant_id: 'another' });
    expect([other.status, other.body['message']]).toEqual([
      400,
      expect.stringContaining('of another tenant left backups'),
    ]);
    expect((await f.call('POST', '/v1/databases', again)).status).toBe(200);
  });
  it('they go when that is asked for', async () => {
    await f.call('DELETE', '/v1/databases/shop?purge_backups=true');
    expect(start()).toMatchObject({ purgeBackups: true });
    expect(await f.kv.get(keptBackupRecords.key('shop'))).toBeUndefined();
  });
});

it('a plan tells when backups will be taken, and a timetable that is none is refused', async () => {
  f.temporal.results.set('planDatabase', { steps: [], sentences: ['nothing to do'] });
  const plan = (cron_expression: string) =>
    f.call('POST', '/v1/databases/shop:plan', {
      spec: {
        ...shopSpec,
        backup_config: { ...backupConfig, schedules: [{ id: 'nightly', type: 'full', cron_expression }] },
      },
    });
  const answer = await plan('0 2 * * *');
  expect(answer.body['schedules']).toEqual([
    {
      node_name: 'n1',
      id: 'nightly',
      type: 'full',
      next_runs: [expect.stringMatching(/T02:00:00Z$/), expect.any(String), expect.any(String)],
    },
  ]);
  const attributes = { WindlassDatabaseId: 'shop', WindlassEntity: 'database/shop', WindlassTaskType: 'plan' };
  expect(f.temporal.executed.at(-1)).toMatchObject({ id: expect.stringMatching(/^plan\/shop\/[^/]+$/), attributes });
  expect(answer.body['text']).toMatch(/schedule 'nightly' of node n1 runs next at 20/);
  expect((await plan('often')).body['message']).toMatch(
    /^backup_config.schedules\[0\].cron_expression: must have five/,
  );
});
