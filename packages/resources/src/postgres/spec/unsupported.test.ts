import { z } from 'zod';
import { DatabaseSpec, UNSUPPORTED, unsupportedFields } from './index.ts';
import { CARRIED_OUT } from './carried-out.fixtures.ts';
import { unwrap } from '../../api/issues.ts';

/** Every leaf of a schema, as `nodes[].host_ids[]`; maps of free keys are leaves. */
function leaves(schema: z.core.$ZodType, path = ''): string[] {
  const inner = unwrap(schema);
  if (inner instanceof z.ZodArray) return leaves(inner.element as z.core.$ZodType, `${path}[]`);
  if (!(inner instanceof z.ZodObject)) return [path];
  return Object.entries(inner.shape).flatMap(([key, value]) =>
    leaves(value as z.core.$ZodType, path === '' ? key : `${path}.${key}`),
  );
}

const all = leaves(DatabaseSpec);
const whole = UNSUPPORTED.filter(
  (entry) => entry.when === undefined || ['services', 'patroni_port', 'nodes[].patroni_port'].includes(entry.path),
).map((entry) => entry.path);
/** Every other one is refused by what the hosts have (`applyDefaults`). */
const HAS_ONE_VALUE = new Set(['spock_version']);
const isUnder = (leaf: string, path: string): boolean =>
  leaf === path || leaf.startsWith(`${path}.`) || leaf.startsWith(`${path}[]`);
const valid: DatabaseSpec = { database_name: 'shop', nodes: [{ name: 'n1', host_ids: ['host-1'] }] };

describe('what the engine carries out', () => {
  it('walks the whole schema', () => {
    expect(all.length).toBeGreaterThan(100);
    expect(all).toEqual(
      expect.arrayContaining([
        'port',
        'nodes[].host_ids[]',
        'backup_config.repositories[].s3_key',
        'orchestrator_opts.swarm.extra_networks[].aliases[]',
      ]),
    );
  });
  it.each(all)('%s is refused by name, carried out, or has one value', (leaf) => {
    if (HAS_ONE_VALUE.has(leaf)) return;
    const refused = whole.some((path) => isUnder(leaf, path));
    expect([refused, Object.hasOwn(CARRIED_OUT, leaf)]).toContain(true);
    expect(refused && Object.hasOwn(CARRIED_OUT, leaf)).toBe(false);
  });
  it('names no field that does not exist', () => {
    for (const leaf of Object.keys(CARRIED_OUT)) expect(all).toContain(leaf);
    for (const { path } of UNSUPPORTED) expect(all.some((leaf) => isUnder(leaf, path))).toBe(true);
  });
  it('accepts a plain spec', () => {
    expect(unsupportedFields(valid)).toEqual([]);
    expect(
      unsupportedFields({ ...valid, services: [], patroni_port: 0, postgresql_conf: { work_mem: '1MB' } }),
    ).toEqual([]);
  });
  it.each([
    [{ patroni_port: 8008 }, 'patroni_port'],
    [{ postgresql_conf: { Shared_Preload_Libraries: 'spock' } }, 'postgresql_conf'],
    [{ pg_hba_conf: ['# x', 'include /etc/x'] }, 'pg_hba_conf'],
    [{ pg_ident_conf: ['include_dir /etc/x'] }, 'pg_ident_conf'],
    [{ nodes: [{ name: 'n1', host_ids: ['a'], patroni_port: 1 }] }, 'nodes[0].patroni_port'],
    [
      {
        services: [
          { service_id: 's', service_type: 'rag' as const, version: 'latest', host_ids: ['a'], connect_as: 'x' },
        ],
      },
      'services',
    ],
  ])('refuses %j', (more, path) => {
    expect(unsupportedFields({ ...valid, ...more }).map((one) => one.path)).toEqual([path]);
  });
});
