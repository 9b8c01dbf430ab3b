import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { parse } from 'yaml';
import { compose } from '../compose/index.ts';
import type { Clients, RunRequest, ServiceRequest } from '../clients/ports.ts';
import { toServiceSpec } from '../../platform/clients/docker-service-spec.ts';
import type { HostRecord } from '../../platform/records/host-records.ts';
import { createAll } from '../../testing/apply-all.ts';
import { createFakeClients } from '../../testing/fake-clients.ts';
import { hostileSeed, hostileText } from '../../testing/hostile-values.ts';
import {
  loadSqlParser,
  repositorySecretName,
  sealPasswords,
  sealRepositories,
  validateSpec,
  type DatabaseSpec,
} from '../spec/index.ts';
import { kinds } from './index.ts';

const EACH = 60;
const host: HostRecord = {
  id: 'host-1', dataDir: '/', swarmNodeId: 'node-1', controlAvailable: true, peerAddresses: [], clientAddresses: [], cpus: 1,
  memoryBytes: 2 ** 33, images: [{ postgresVersion: '17.6', id: 'sha256:1' }], components: {}, seenAt: '',
}; // prettier-ignore
/** What is inside Postgres or Patroni; and certificates, which have nothing of a user but take their time. */
const INSIDE =
  /^(patroni\.members|postgres\.(certificates|instance|settings|roles|database|extensions|script)|pgbackrest\.stanza)$/;

type Input = Record<string, unknown>;
const swarm = (more: Input): Input => ({ orchestrator_opts: { swarm: more } });
const repository = (more: Input): Input => ({ backup_config: { repositories: [more] } });
const s3 = { type: 's3', s3_bucket: 'backups', s3_key: 'k', s3_key_secret: 's' };
const posix = { type: 'posix', base_path: '/backups' };
const volume = { host_path: '/srv/a', destination_path: '/mnt/a' };
const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;

/** Every field whose text ends up in a file, in etcd or in what Docker is told. */
const FIELDS: Readonly<Record<string, (text: string) => Input>> = {
  setting: (text) => ({ postgresql_conf: { 'my.setting': text } }),
  hba: (text) => ({ pg_hba_conf: [`host ${text} all all reject`, `# ${text}`] }),
  hba_name: (text) => ({ pg_hba_conf: [`host ${quoted(text)} ${quoted(text)} all reject`] }),
  ident_name: (text) => ({ pg_ident_conf: [`m ${quoted(text)} app`] }),
  label: (text) => swarm({ extra_labels: { team: text } }),
  driver_option: (text) => swarm({ extra_networks: [{ id: 'a', driver_opts: { a: text } }] }),
  alias: (text) => swarm({ extra_networks: [{ id: 'a', aliases: [text] }] }),
  network: (id) => swarm({ extra_networks: [{ id }] }),
  host_path: (text) => swarm({ extra_volumes: [{ ...volume, host_path: `/srv/${text}` }] }),
  destination_path: (text) => swarm({ extra_volumes: [{ ...volume, destination_path: `/mnt/${text}` }] }),
  base_path: (text) => repository({ ...posix, base_path: `/backups/${text}` }),
  repository_id: (id) => repository({ ...posix, id }),
  cipher_pass: (text) =>
    repository({ ...posix, custom_options: { 'cipher-type': 'aes-256-cbc', 'cipher-pass': text } }),
  custom_option: (text) => repository({ ...s3, custom_options: { 'storage-ca-path': `/a/${text}` } }),
  ...Object.fromEntries(
    ['s3_bucket', 's3_region', 's3_endpoint', 's3_key', 's3_key_secret'].map((name) => [name, (text: string) => repository({ ...s3, [name]: text })]), // prettier-ignore
  ),
  gcs_bucket: (gcs_bucket) => repository({ type: 'gcs', gcs_bucket }),
  azure_container: (azure_container) =>
    repository({ type: 'azure', azure_account: 'account', azure_container, azure_key: 'a2V5' }),
};
/** What stands for a text that nobody would call hostile. */
const PLAIN = 'plainword';

const root = mkdtempSync(path.join(tmpdir(), 'windlass-hostile-'));
let fake: Clients;
beforeAll(async () => {
  await loadSqlParser();
  fake = await createFakeClients(root);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const base = {
  database_name: 'shop',
  postgres_version: '17.6',
  port: 0,
  nodes: [{ name: 'n1', host_ids: ['host-1'] }],
};

/** A text in which nothing is a template; Swarm runs what else stands in such brackets. */
const expanded = (text: string): string =>
  text.replace(/\{\{(.*?)\}\}/gs, (_all, inside: string) => (inside === '"{{"' ? '{{' : 'EXECUTED'));

/** As Swarm understands it: it expands templates in the environment, in mounts and in the name of the host. */
function asSwarmReads(request: ServiceRequest): unknown {
  const { TaskTemplate, ...rest } = toServiceSpec(request) as unknown as { TaskTemplate: { ContainerSpec: object } };
  const { ContainerSpec } = TaskTemplate;
  const read = Object.entries(ContainerSpec).map(([key, value]) =>
    ['Env', 'Hostname', 'Mounts'].includes(key)
      ? [key, JSON.parse(JSON.stringify(value), (_key, one: unknown) => (typeof one === 'string' ? expanded(one) : one)) as unknown] // prettier-ignore
      : [key, value as unknown],
  );
  return { ...rest, TaskTemplate: { ...TaskTemplate, ContainerSpec: Object.fromEntries(read) as unknown } };
}

/** What is made outside Postgres for a spec: files, what Patroni reads in etcd, and what Docker is told. */
async function make(spec: DatabaseSpec): Promise<unknown> {
  const told: unknown[] = [];
  const run = (request: RunRequest) => (told.push(request.command), Promise.resolve({ exitCode: 0, stdout: '', stderr: '' })); // prettier-ignore
  const createService = (request: ServiceRequest) => Promise.resolve(String(told.push(asSwarmReads(request))));
  const clients: Clients = { ...fake, docker: { ...fake.docker, createService, run } };
  const sealed = sealRepositories(spec, new Map());
  for (const [key, secret] of sealed.secrets) await clients.secrets.put(repositorySecretName('hello', key), JSON.stringify(secret)); // prettier-ignore
  const stored = { ...sealPasswords(sealed.spec, new Map()).stored, repositorySecrets: sealed.facts };
  const all = compose(stored, { databaseId: 'hello', hosts: [host] }).filter(({ ref }) => !INSIDE.test(ref.kind));
  rmSync(path.join(root, 'instances'), { recursive: true, force: true });
  await createAll(kinds, clients, 'hello', all);
  const [instance = '', scope = ''] = ['patroni.config', 'patroni.cluster'].map((kind) => all.find(({ ref }) => ref.kind === kind)?.ref.id ?? ''); // prettier-ignore
  const read = (name: string): string | undefined => {
    const file = path.join(root, 'instances', instance, 'config', name);
    return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  };
  const patroni = parse(read('patroni.yaml') ?? '') as { etcd3: object };
  return JSON.parse(
    JSON.stringify({
      patroni: { ...patroni, etcd3: { ...patroni.etcd3, password: 'made up each time' } },
      pgBackRest: read('pgbackrest.conf')?.split('\n'),
      ...{ told, config: await clients.dcs.config(scope) },
    })

      .replace(/(spec-hash":")\w+/g, '$1'),
  );
}

/** The same with another text in place of the plain one, where it stands alone, in double quotes, and in the quotes of `postgresql.conf`. */
const withText = (value: unknown, text: string): unknown => {
  if (typeof value === 'string')
    return value
      .replaceAll(`"${PLAIN}"`, () => quoted(text))
      .replaceAll(`'${PLAIN}'`, () => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`)
      .replaceAll(PLAIN, () => text);
  if (Array.isArray(value)) return value.map((one) => withText(one, text));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, withText(one, text)]));
};

const specWith = (field: string, text: string): DatabaseSpec | undefined => {
  const result = validateSpec({ ...base, ...FIELDS[field]?.(text) });
  return 'spec' in result ? result.spec : undefined;
};

it.each(Object.keys(FIELDS))('%s: what is made differs from that of a plain text in nothing but the text', async (field) => {
  const plain = specWith(field, PLAIN);
  if (!plain) throw new Error('the plain text is refused');
  const made = await make(plain);
  expect(JSON.stringify(made)).toContain(PLAIN);
  const texts = fc.sample(hostileText('/tmp/windlass-canary'), { seed: hostileSeed(), numRuns: EACH }).map(({ text }) => text); // prettier-ignore
  for (const text of texts) {
    const spec = specWith(field, text);
    if (spec) expect({ text, made: await make(spec) }).toEqual({ text, made: withText(made, text) });
  }
}); // prettier-ignore
