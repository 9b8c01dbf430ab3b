import type { StoredSpec } from '@windlass/resources/postgres/spec';
import { openFixture, shopSpec, type Fixture } from '../testing/fixture.ts';
import {
  backupChecks,
  databaseRecords,
  databaseSpecs,
  instanceStatuses,
  keptBackupRecords,
  type DatabaseRecord,
} from '@windlass/resources/postgres/records';
import { taskRecords, type TaskRecord } from '@windlass/resources/tasks';

const A = 'shop-n1-689qacsi';
const BACKUPS = '/v1/databases/shop/nodes/n1/backups';
const LABEL = '20260131-120000F';
const backup = {
  label: LABEL, type: 'full', repository: 2, startedAt: '2026-01-31T12:00:00.000Z', finishedAt: '2026-01-31T12:00:05.000Z',
  databaseBytes: 30, copiedBytes: 20, storedBytes: 10, walStart: 'a', walStop: 'b', lsnStart: '0/1', lsnStop: '0/2',
  annotations: { why: 'test' }, needs: [], encrypted: true, damaged: false, taskId: 't',
}; // prettier-ignore
const catalogue = {
  backups: [backup],
  repositories: [
    { position: 1, problem: 'is away' },
    { position: 2, walMin: 'a' },
  ],
};
const secret = 'CANARY-of-a-repository';
const backupConfig = {
  repositories: [
    { type: 'posix', base_path: '/b' },
    { type: 's3', id: 'cloud', s3_bucket: 'backups', s3_key: 'key', s3_key_secret: secret },
  ],
};

let f: Fixture;
beforeEach(async () => {
  f = await openFixture();
  const created = await f.call('POST', '/v1/databases', {
    id: 'shop',
    spec: { ...shopSpec, backup_config: backupConfig },
  });
  expect(created.status).toBe(200);
  await put({ state: 'available', openTaskId: undefined });
  await sample({ role: 'primary', writable: true });
  f.temporal.started.length = 0;
  f.temporal.running.clear();
  f.temporal.results.set('listBackups', catalogue);
});
afterEach(() => f.app.close());

const put = async (change: Partial<DatabaseRecord>): Promise<void> => {
  const value = { ...((await f.kv.get(databaseRecords.key('shop')))?.value as object), ...change };
  await f.kv.commit([], [{ put: databaseRecords.key('shop'), value }]);
};
const sample = async (more: object): Promise<void> => {
  const now = new Date().toISOString();
  const base = { instanceId: A, databaseId: 'shop', nodeName: 'n1', hostId: 'host-1', createdAt: now, sampledAt: now };
  const value = { ...base, addresses: [], container: 'running', patroniState: 'running', ...more };
  await f.kv.commit([], [{ put: instanceStatuses.key('shop', A), value }]);
};
const idOf = (answer: { body: Record<string, unknown> }): string =>
  (answer.body['task'] as { task_id: string }).task_id;

describe('a backup on demand', () => {
  it('is a task that runs beside what owns the database', async () => {
    await put({ openTaskId: 'another' });
    const options = { type: 'diff', annotations: { why: 'test' }, backup_options: { 'no-resume': '', repo: '2' } };
    const answer = await f.call('POST', `${BACKUPS}?force=false`, options);
    expect(answer).toMatchObject({ status: 200, body: { task: { type: 'node_backup', status: 'pending' } } });
    expect(answer.body['task']).not.toHaveProperty('node_name');
    expect(f.temporal.started).toMatchObject([
      {
        type: 'backupNode',
        id: `database/shop/backups/${idOf(answer)}`,
        input: {
          nodeName: 'n1',
          type: 'diff',
          annotations: { why: 'test' },
          options: { 'no-resume': '' },
          repository: 2,
        },
      },
    ]);
    expect((await f.kv.get(databaseRecords.key('shop')))?.value).toMatchObject({
      state: 'available',
      openTaskId: 'another',
    });
  });

  it.each([
    ['y', { standby: 'required' }],
    ['', { standby: 'required' }],
    ['prefer', { standby: 'preferred' }],
    ['n', {}],
  ])('from a standby when that is asked for with "%s"', async (asked, expected) => {
    const key = databaseSpecs.key('shop');
    const stored = (await f.kv.get(key))?.value as StoredSpec;
    const nodes = stored.spec.nodes.map((node) => ({ ...node, host_ids: ['host-1', 'host-2'] }));
    await f.kv.commit([], [{ put: key, value: { ...stored, spec: { ...stored.spec, nodes } } }]);
    const options = { type: 'full', backup_options: { 'backup-standby': asked } };
    expect((await f.call('POST', BACKUPS, options)).status).toBe(200);
    const { input } = f.temporal.started[0] as { input: { standby?: string; options: object } };
    expect({ options: input.options, standby: input.standby }).toEqual({
      options: {},
      standby: undefined,
      ...expected,
    });
  });

  it('from a standby is refused where the node has none', async () => {
    const options = { type: 'full', backup_options: { 'backup-standby': 'y' } };
    const answer = await f.call('POST', BACKUPS, options);
    expect([answer.status, answer.body['message']]).toEqual([
      400,
      expect.stringMatching(/^backup_options\[backup-standby\]: node n1 has one instance, and no replica to copy from/),
    ]);
    const preferred = await f.call('POST', BACKUPS, { type: 'full', backup_options: { 'backup-standby': 'prefer' } });
    expect(preferred.status).toBe(200);
  });

  it('is taken one at a time', async () => {
    const first = await f.call('POST', BACKUPS, { type: 'full' });
    const second = await f.call('POST', BACKUPS, { type: 'full' });
    expect([second.status, second.headers['goa-error']]).toEqual([409, 'operation_already_in_progress']);
    const key = taskRecords.key('database', 'shop', idOf(first));
    const task = (await f.kv.get(key))?.value as TaskRecord;
    await f.kv.commit([], [{ put: key, value: { ...task, status: 'running' } }]);
    f.temporal.running.clear(); // its workflow is gone without a word
    expect((await f.call('POST', BACKUPS, { type: 'full' })).status).toBe(200);
    expect((await f.kv.get(key))?.value).toMatchObject({ status: 'failed' });
  });

  it.each([
    ['without a kind', {}, 'missing_field'],
    ['with a kind there is not', { type: 'x' }, 'invalid_enum_value'],
    ['with a bad option', { type: 'full', backup_options: { A: 'x' } }, 'invalid_input'],
    ['with an option that reads a file', { type: 'full', backup_options: { config: '/etc/passwd' } }, 'invalid_input'],
    ['with a standby in other words', { type: 'full', backup_options: { 'backup-standby': 'maybe' } }, 'invalid_input'],
    ['with an annotation of ours', { type: 'full', annotations: { 'windlass-task': 'x' } }, 'invalid_input'],
  ])('%s is refused', async (_what, body, name) => {
    const answer = await f.call('POST', BACKUPS, body);
    expect([answer.status, answer.body['name']]).toEqual([400, name]);
    expect(f.temporal.started).toEqual([]);
  });

  it('needs a primary, forced or not', async () => {
    await sample({ role: 'replica', streaming: true, writable: false });
    const answer = await f.call('POST', `${BACKUPS}?force=true`, { type: 'full' });
    expect([answer.status, answer.body['message']]).toEqual([400, 'node n1 is in an unsupported state (available)']);
    const other = await f.call('POST', BACKUPS.replace('n1', 'n9'), { type: 'full' });
    expect(other.body['message']).toBe('node n9 not found');
  });

  it('is refused while the database is changed, unless forced', async () => {
    await put({ state: 'modifying' });
    expect((await f.call('POST', BACKUPS, { type: 'full' })).body['name']).toBe('database_not_modifiable');
    expect((await f.call('POST', `${BACKUPS}?force=true`, { type: 'full' })).status).toBe(200);
  });

  it('is refused where backups are not configured', async () => {
    await f.call('POST', '/v1/databases/shop', { spec: shopSpec });
    await put({ state: 'available', openTaskId: undefined });
    const answer = await f.call('POST', BACKUPS, { type: 'full' });
    expect(answer.body['message']).toBe('backups are not configured for this database node');
  });
});

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
  expect(answer.body['text']).toMatch(/schedule 'nightly' of node n1 runs next at 20/);
  expect((await plan('often')).body['message']).toMatch(
    /^backup_config.schedules\[0\].cron_expression: must have five/,
  );
});
