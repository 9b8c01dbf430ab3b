import { apiTokens, ROLES, type Role } from '@windlass/resources/platform/records';
import type { Route } from './core/route.ts';
import { routes } from './routes/index.ts';
import { TASK } from './testing/contract-world.ts';
import { shopSpec, type Answer } from './testing/fixture.ts';
import { OF, openTenants, type TenantsWorld } from './testing/tenants-world.ts';

let w: TenantsWorld;
beforeAll(async () => void (w = await openTenants()));
afterAll(() => w.app.close());

const NONE = 'none';
const THERE: readonly string[] = Object.keys(OF);
/** Every database there is, and one that is not. */
const IDS = [...THERE, NONE];
const tenantIn = (id: string): string | undefined => (OF as Record<string, string | undefined>)[id];

const token = `PGEDGE-${'0'.repeat(64)}-${'0'.repeat(32)}`;
const source = { source_database_id: 'shop', source_node_name: 'n1', source_database_name: 'app', repository: { type: 'posix', base_path: '/b' } }; // prettier-ignore
/** What is sent where a body is required. */
const BODIES: Readonly<Record<string, object>> = {
  'create-database': { id: 'shop', spec: shopSpec },
  'plan-new-database': { id: 'shop', spec: shopSpec },
  'update-database': { spec: shopSpec },
  'plan-database': { spec: shopSpec },
  'apply-upgrade': { image: 'windlass/postgres:17' },
  'backup-database-node': { type: 'full' },
  'restart-instance': {},
  'restore-database': { restore_config: source },
  'skip-transaction': { peer: 'n2', lsn: '0/1' },
  'decode-payloads': { payloads: [] },
  'create-token': { name: 'x', role: 'viewer' },
  'join-cluster': { token, server_urls: ['https://192.0.2.1:3000'] },
  'get-join-options': { token, host_id: 'host-9', addresses: ['192.0.2.9'], embedded_etcd_enabled: false },
  'sign-certificate': { csr: 'x', database_id: 'shop', instance_id: 'shop-n1-a' },
};
const PARTS: Readonly<Record<string, string>> = { host_id: 'host-7', node_name: 'n1', instance_id: 'shop-n1-x', label: '20260101-000000F', task_id: TASK, token_id: 'aaaaaaaaaaaa' }; // prettier-ignore

/** A route as it is asked for, of one database. */
const urlOf = ({ url }: Route, id: string): string =>
  url
    .replace(/(?<!:):(\w+)(\([^)]*\))?/g, (_all, name: string) => (name === 'database_id' ? id : (PARTS[name] ?? name)))
    .replaceAll('::', ':');
const send = (route: Route, id: string, authorization: string | undefined): Promise<Answer> =>
  w.as(authorization)(route.method, urlOf(route, id), BODIES[route.operationId]);

/** What a login for tenants may ask at all, beside what everybody may: databases, and what belongs to them. */
const FOR_TENANTS =
  'create-database update-database delete-database get-database list-databases list-resources plan-new-database plan-database list-database-tasks get-database-task get-database-task-log cancel-database-task get-database-task-plan apply-upgrade switchover-database-node failover-database-node restart-instance stop-instance start-instance backup-database-node list-backups get-backup verify-backup delete-backup restore-database undo-restore get-replication list-conflicts skip-transaction compare-nodes resync-node get-comparison open-login get-database-ca get-instance-log rotate-user list-tasks get-task'.split(' '); // prettier-ignore
const OPEN = ['get-version', 'get-join-options'];
const isOfOne = ({ url }: Route): boolean => url.includes('/:database_id');

test('every route that names a database says so; what else a login for tenants may ask is a list', () => {
  const about = routes.filter(({ reaches }) => typeof reaches === 'object');
  expect(about.map(({ operationId }) => operationId).sort()).toEqual(routes.filter(isOfOne).map(({ operationId }) => operationId).sort()); // prettier-ignore
  expect(about.filter(({ reaches }) => JSON.stringify(reaches) !== '{"kind":"database","by":"database_id"}')).toEqual(
    [],
  );
  const everything = routes.filter(({ reaches }) => reaches === 'everything').map(({ operationId }) => operationId);
  expect(everything.sort()).toEqual(routes.map(({ operationId }) => operationId).filter((id) => !FOR_TENANTS.includes(id) && !OPEN.includes(id)).sort()); // prettier-ignore
});

test.each([
  ['nobody', () => Promise.resolve(undefined)],
  ['who shows what is no token', () => Promise.resolve('Bearer wl_x')],
  ['who shows a token that has expired', () => w.login('admin', ['acme'], -1)],
  ['who shows a token that was revoked', revoked],
])('%s is asked for a login by every route that is not open, of whatever it is', async (_who, login) => {
  const authorization = await login();
  for (const route of routes)
    for (const id of isOfOne(route) ? IDS : [NONE]) {
      const { status, body } = await send(route, id, authorization);
      const isOpen = OPEN.includes(route.operationId);
      expect([route.operationId, id, isOpen || [status, body['name']]]).toEqual([route.operationId, id, isOpen || [401, 'login_required']]); // prettier-ignore
    }
});

async function revoked(): Promise<string> {
  const authorization = await w.login('admin', ['acme']);
  await w.kv.commit([], [apiTokens.remove(authorization.split('_')[1] ?? '')]);
  return authorization;
}

const REACHES: readonly (readonly string[] | undefined)[] = [undefined, ['acme'], ['globex'], ['acme', 'globex'], ['initech']]; // prettier-ignore
const LOGINS = ROLES.flatMap((role) => REACHES.map((tenants) => [role, tenants] as const));

test.each(LOGINS)('%s for %j: every route, of every database', async (role, tenants) => {
  const authorization = await w.login(role, tenants);
  const writes = jest.spyOn(w.kv, 'commit');
  for (const route of routes)
    for (const id of !isOfOne(route) ? ['shop'] : tenants ? IDS : THERE) {
      writes.mockClear();
      const { status, body } = await send(route, id, authorization);
      const found = verdict({ status, body });
      const due = dueTo(role, tenants, route, id);
      expect([route.operationId, id, found]).toEqual([route.operationId, id, due]);
      if (due === 'answered') continue;
      expect(changedBy(writes)).toEqual([]);
      const missing = await send(route, NONE, authorization);
      const told = (answer: Pick<Answer, 'status' | 'body'>) => ({
        ...answer.body,
        instance: 'its path',
        status: answer.status,
      });
      if (due === 'not there') expect(told({ status, body })).toEqual(told(missing));
    }
  writes.mockRestore();
});

/** What was written but for the audit, which tells of refusals. */
const changedBy = (writes: jest.SpyInstance): string[] =>
  (writes.mock.calls as [unknown, { readonly put?: string }[]][])
    .flatMap(([, all]) => all.map(({ put }) => put ?? ''))
    .filter((key) => !key.startsWith('audit') && !key.startsWith('api-token-uses/'));

type Verdict = 'answered' | 'nobody' | 'not there' | `lacks ${string}`;

/** Of one database the only thing that is told is whether it is there. */
function verdict({ status, body }: Pick<Answer, 'status' | 'body'>): Verdict {
  const message = String(body['message']);
  if (status === 404 && message === 'database not found') return 'not there';
  if (status === 401) return 'nobody';
  if (status !== 403) return 'answered';
  const [, lack = message] = /(the role \w+|all tenants)/.exec(message.replace(/which is for (\w+)s/, 'the role $1')) ?? []; // prettier-ignore
  return `lacks ${lack}`;
}

function dueTo(role: Role, tenants: readonly string[] | undefined, route: Route, id: string): Verdict {
  const { needs, operationId } = route;
  const isKnown = ROLES.some((one) => one === needs);
  if (isKnown && ROLES.indexOf(role) < ROLES.findIndex((one) => one === needs)) return `lacks the role ${needs}`;
  if (OPEN.includes(operationId)) return 'answered';
  if (tenants && !FOR_TENANTS.includes(operationId)) return 'lacks all tenants';
  if (!isOfOne(route)) return 'answered';
  return tenants && !tenants.includes(tenantIn(id) ?? '') ? 'not there' : 'answered';
}
