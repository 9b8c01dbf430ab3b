import type { StoredSpec } from '@windlass/resources/postgres/spec';
import { databaseRecords, databaseSpecs } from '@windlass/resources/postgres/records';
import { taskRecords, type TaskRecord } from '@windlass/resources/tasks';
import { BACKUPS, openBackedUp, sample } from '../testing/backed-up.ts';
import { changeShop } from '../testing/contract-world.ts';
import { shopSpec, type Fixture } from '../testing/fixture.ts';

let f: Fixture;
beforeEach(async () => void (f = await openBackedUp()));
afterEach(() => f.app.close());

const idOf = (answer: { body: Record<string, unknown> }): string =>
  (answer.body['task'] as { task_id: string }).task_id;

describe('a backup on demand', () => {
  it('is a task that runs beside what owns the database', async () => {
    await changeShop(f, { openTaskId: 'another' });
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
    await sample(f, { role: 'replica', streaming: true, writable: false });
    const answer = await f.call('POST', `${BACKUPS}?force=true`, { type: 'full' });
    expect([answer.status, answer.body['message']]).toEqual([400, 'node n1 is in an unsupported state (available)']);
    const other = await f.call('POST', BACKUPS.replace('n1', 'n9'), { type: 'full' });
    expect(other.body['message']).toBe('node n9 not found');
  });

  it('is refused while the database is changed, unless forced', async () => {
    await changeShop(f, { state: 'modifying' });
    expect((await f.call('POST', BACKUPS, { type: 'full' })).body['name']).toBe('database_not_modifiable');
    expect((await f.call('POST', `${BACKUPS}?force=true`, { type: 'full' })).status).toBe(200);
  });

  it('is refused where backups are not configured', async () => {
    await f.call('POST', '/v1/databases/shop', { spec: shopSpec });
    await changeShop(f, { state: 'available', openTaskId: undefined });
    const answer = await f.call('POST', BACKUPS, { type: 'full' });
    expect(answer.body['message']).toBe('backups are not configured for this database node');
  });
});
