/** docker-compose.yml read as text: what would go wrong only on the machine that runs it. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { STACK_TRUST } from './stack-trust.ts';

const root = path.join(__dirname, '../../../../..');
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');

interface Service {
  readonly image: string;
  readonly build?: { readonly context: string };
  readonly restart: string;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly environment?: Readonly<Record<string, unknown>>;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly (string | { readonly source: string })[];
  readonly logging: { readonly options: Readonly<Record<string, string>> };
  readonly privileged?: boolean;
  readonly read_only?: boolean;
  readonly security_opt?: readonly string[];
}
const file = parse(read('docker-compose.yml'), { merge: true }) as {
  services: Record<string, Service>;
  volumes: Record<string, null>;
};
const services = Object.entries(file.services);
const jobs = services.filter(([, service]) => service.restart === 'no');
const daemons = services.filter(([, service]) => service.restart !== 'no');
const sourceOf = (volume: string | { readonly source: string }): string =>
  typeof volume === 'string' ? (volume.split(':')[0] ?? '') : volume.source;
const mounts = (service: Service): string[] => (service.volumes ?? []).map(sourceOf);

test('there are services and jobs', () => {
  expect(daemons.map(([name]) => name)).toEqual(['etcd', 'temporal-db', 'temporal', 'temporal-ui', 'server', 'worker']);
  expect(jobs.map(([name]) => name)).toEqual(['trust', 'etcd-auth', 'temporal-schema', 'temporal-namespace']);
});

test.each(daemons)('%s restarts by itself and says whether it is healthy', (_, service) => {
  expect(service.restart).toBe('unless-stopped');
  expect(service.healthcheck?.test[0]).toMatch(/^CMD(-SHELL)?$/);
  expect(service.healthcheck?.test.length).toBeGreaterThan(1);
});

test.each(jobs)('%s runs once, and somebody waits for its success', (name) => {
  const waiting = services.filter(([, service]) => service.depends_on?.[name] !== undefined);
  expect(waiting.length).toBeGreaterThan(0);
  for (const [, service] of waiting)
    expect(service.depends_on?.[name]?.condition).toBe('service_completed_successfully');
});

test.each(services)('%s waits for nothing that is not there', (_, service) => {
  for (const [name, { condition }] of Object.entries(service.depends_on ?? {})) {
    expect(file.services[name]).toBeDefined();
    if (condition === 'service_healthy') expect(file.services[name]?.healthcheck).toBeDefined();
  }
});

test.each(services)(
  '%s is confined: no password, no port for other machines, read-only, logs with an end',
  (name, service) => {
    const variables = Object.keys(service.environment ?? {});
    expect(variables.filter((variable) => /PASS|SECRET|TOKEN|CREDENTIAL/.test(variable))).toEqual([]);
    for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:/);
    expect(service.privileged).toBeUndefined();
    expect(service.read_only).toBe(true);
    expect(service.security_opt).toContain('no-new-privileges:true');
    expect(Object.keys(service.logging.options)).toEqual(['max-size', 'max-file']);
    expect(mounts(service).includes('/var/run/docker.sock')).toBe(name === 'worker');
  },
);

test.each(services)('%s is built from this repository, on images that need no registry', (_, { image }) => {
  const [, folder] = /^windlass\/([a-z-]+):/.exec(image) ?? [];
  const from = [...read(`images/${String(folder)}/Dockerfile`).matchAll(/^FROM (\S+)/gm)].map((match) => match[1]);
  expect(from.length).toBeGreaterThan(0);
  for (const base of from) expect(base).toMatch(/^(debian:trixie-slim|windlass\/)/);
  const builders = services.filter(([, service]) => service.image === image && service.build !== undefined);
  expect(builders.length).toBeGreaterThan(0);
  for (const [, { build }] of builders) expect(build?.context).toBe(`images/${String(folder)}`);
});

test('every volume is declared, and the ones with keys are just the folders that make-stack-trust fills', () => {
  const declared = Object.keys(file.volumes);
  const used = new Set(services.flatMap(([, service]) => mounts(service)).filter((source) => /^[a-z]/.test(source)));
  expect([...used].sort()).toEqual([...declared].sort());
  const keys = declared.filter((name) => name.startsWith('trust-')).map((name) => name.slice('trust-'.length));
  expect(keys.sort()).toEqual(['authority', ...STACK_TRUST.map((folder) => folder.name)].sort());
});

test('server and worker are told nothing that they do not read', () => {
  const sources = [...filesOf('apps'), ...filesOf('packages/resources/src')].map(read).join('\n');
  for (const [name, service] of services.filter(([, { image }]) => image.startsWith('windlass/app:')))
    for (const variable of Object.keys(service.environment ?? {}))
      expect([name, variable, sources.includes(variable)]).toEqual([name, variable, true]);
});

test("its Temporal is told what bin/up's is told", () => {
  const args = [...read('bin/lib/temporal.args').matchAll(/^([a-z]+\.\w+)=(.*)$/gm)];
  const told = parse(read('images/temporal/config/dynamic.yaml')) as Record<string, readonly [{ value: unknown }]>;
  const values = Object.entries(told).map(([name, [{ value }]]) => [name, value]);
  expect(Object.fromEntries(values)).toEqual(
    Object.fromEntries(args.map(([, name, value = '']) => [name, JSON.parse(value)])),
  );
});

function filesOf(folder: string): string[] {
  expect(existsSync(path.join(root, folder))).toBe(true);
  return readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.includes('.test.') && !/(^|\/)(node_modules|dist)\//.test(name))
    .map((name) => path.join(folder, name));
}
