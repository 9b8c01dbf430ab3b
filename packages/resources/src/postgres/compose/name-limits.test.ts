import { backupSchedule } from '../kinds/backup-schedule.ts';
import { memberName } from '../inside/system-names.ts';
import { restoreContainerName } from '../kinds/directories.ts';
import { lengthOf, NAME_LIMITS, validateCreateRequest, loadSqlParser } from '../spec/index.ts';
import type { ScheduleRequest, SchedulesPort } from '../clients/ports.ts';
import { createFakeClients, contextFor } from '../../testing/index.ts';
import { compose } from './index.ts';
import type { HostRecord } from '../../platform/records/host-records.ts';

const host: HostRecord = {
  id: 'h'.repeat(36), dataDir: '/', swarmNodeId: 'node', controlAvailable: true, peerAddresses: [], clientAddresses: [], cpus: 2,
  memoryBytes: 2 ** 33, images: [{ postgresVersion: '17.6', id: 'sha256:1' }], components: {}, seenAt: '',
}; // prettier-ignore
const database = 'd'.repeat(36);
const request = (node: string, id: string | undefined = database) => ({
  ...(id !== undefined && { id }),
  spec: {
    database_name: 'x'.repeat(31),
    postgres_version: '17.6',
    port: 0,
    nodes: [{ name: node, host_ids: [host.id] }],
    database_users: [{ username: '\u{1F600}'.repeat(15), db_owner: true }],
    backup_config: {
      repositories: [{ type: 'posix', base_path: '/backups' }],
      schedules: [{ id: '\u{1F600}'.repeat(64), type: 'verify', cron_expression: '0 2 * * *' }],
    },
  },
});
const problems = (input: unknown): string[] => {
  const result = validateCreateRequest(input);
  return 'issues' in result ? result.issues.map((issue) => issue.message) : [];
};
beforeAll(loadSqlParser);

test('the longest ids that are accepted give names that everybody below takes', async () => {
  const node = 'n1234567';
  const validated = validateCreateRequest(request(node));
  if ('issues' in validated) throw new Error(JSON.stringify(validated.issues));
  const wanted = compose({ spec: validated.request.spec, passwordVersions: {} }, { databaseId: database, hosts: [host] });
  const specOf = (kind: string) => wanted.find((d) => d.ref.kind === kind)?.spec as Record<string, string>;
  const { name: service, instanceId } = specOf('swarm.service');
  const put: (ScheduleRequest & { readonly name: string })[] = [];
  const schedules: SchedulesPort = {
    get: () => Promise.resolve(undefined),
    put: (name, schedule) => Promise.resolve(void put.push({ name, ...schedule })),
    remove: () => Promise.resolve(),
  };
  const clients = { ...(await createFakeClients('/nowhere')), schedules };
  const schedule = wanted.find((d) => d.ref.kind === 'backup.schedule');
  if (!schedule) throw new Error('no schedule');
  await backupSchedule.create(backupSchedule.spec.parse(schedule.spec), contextFor(clients, database, schedule.ref, new Map()));
  const scope = `${database}:${node}`;
  const names: readonly (readonly [keyof typeof NAME_LIMITS, string | undefined])[] = [
    ['swarmObject', service],
    ['hostname', service],
    ['swarmObject', specOf('swarm.network')['name']],
    ['postgresIdentifier', instanceId?.replaceAll('-', '_')],
    ['postgresIdentifier', scope],
    ['postgresIdentifier', validated.request.spec.database_name],
    ['postgresIdentifier', validated.request.spec.database_users?.[0]?.username],
    ['certificateName', memberName(scope)],
    ['certificateName', `instance-${String(instanceId)}`],
    ['certificateName', `control-${host.id}-0123abcd`],
    ['fileName', instanceId],
    ['fileName', restoreContainerName(String(instanceId))],
    ['temporalId', `host.${host.id}`],
    ['temporalId', `database/${database}/scheduled/${'t'.repeat(36)}`],
    ['temporalId', `temporal-sys-scheduler:${String(put[0]?.name)}`],
    ['temporalId', `${String(put[0]?.workflow.id)}-2026-01-01T00:00:00Z`],
  ];
  for (const [limit, name] of names) {
    expect(name).toMatch(/./);
    expect({ name, fits: lengthOf(String(name), NAME_LIMITS[limit]) <= NAME_LIMITS[limit].most }).toEqual({ name, fits: true });
  }
  expect(lengthOf(String(service), NAME_LIMITS.swarmObject)).toBe(NAME_LIMITS.swarmObject.most);
}); // prettier-ignore

test('one more is refused where it was given, with the numbers', () => {
  const told =
    'database ID and node name combined must not exceed 44 characters (got 45): Docker takes names of services of 63 characters';
  expect(problems(request('n12345678'))).toEqual([told]);
  expect(problems(request('n12345678', undefined))).toEqual([told]);
  expect(problems(request('n999999999', 'd'.repeat(34)))).toEqual([]);
});
