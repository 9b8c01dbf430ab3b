import { loadSqlParser, validateCreateRequest, validateSpec } from './index.ts';

const base = { database_name: 'shop', nodes: [{ name: 'n1', host_ids: ['host-1'] }] };
const nested = (depth: number): unknown => JSON.parse('['.repeat(depth) + ']'.repeat(depth));
const many = (count: number): unknown[] => Array.from({ length: count }, (_, i) => `x${i}`);
const keys = (count: number): object => Object.fromEntries(many(count).map((key) => [key, 1]));

beforeAll(loadSqlParser);

/** Milliseconds of the processor that something takes: other work of the machine does not count. */
function cpuMs(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

describe('hostile bodies are refused within 50 ms of the processor (best of three)', () => {
  it.each<[string, unknown]>([
    ['5000 deep', nested(5000)],
    ['deep config', { ...base, services: [{ config: { a: nested(5000) } }] }],
    ['5 MB name', { ...base, database_name: 'x'.repeat(5_000_000) }],
    ['million hosts', { ...base, nodes: [{ name: 'n1', host_ids: many(1_000_000) }] }],
    ['19 thousand hosts', { ...base, nodes: [{ name: 'n1', host_ids: many(19_000).fill('a') }] }],
    ['19 thousand unknown fields', { ...base, ...keys(19_000) }],
    ['19 thousand settings', { ...base, postgresql_conf: keys(19_000) }],
    ['19 thousand bad lines', { ...base, pg_hba_conf: many(19_000) }],
    ['long bad lines', { ...base, pg_hba_conf: many(300).map((x) => x + ' '.repeat(6000)) }],
    ['long size', { ...base, memory: '1'.repeat(1_000_000) }],
    ['long cpus', { ...base, cpus: '1'.repeat(1_000_000) + 'x' }],
    ['long image', { ...base, orchestrator_opts: { swarm: { image: 'a:'.repeat(900_000) } } }],
    ['null', null],
    ['text', 'x'],
    ['list', []],
    ['nothing', undefined],
  ])('%s', (_, body) => {
    const result = validateSpec(body);
    const times = [1, 2, 3].map(() => cpuMs(() => validateSpec(body)));
    if (!('issues' in result)) throw new Error('accepted');
    expect(result.issues.length).toBeLessThanOrEqual(100);
    expect(JSON.stringify(result.issues).length).toBeLessThan(200_000);
    expect(Math.min(...times)).toBeLessThan(50);
  });
});

describe('requests', () => {
  const problems = (input: unknown): unknown => {
    const result = validateCreateRequest(input);
    return 'issues' in result ? result.issues.map((issue) => issue.path.join('.')) : [];
  };
  it.each<[unknown, string[]]>([
    [{ spec: base }, []],
    [{ id: 'Bad', spec: { nodes: 1 } }, ['id']],
    [{ id: null, tenant_id: 'a--b', spec: {} }, ['tenant_id']],
    [{ id: 'a' }, ['spec']],
    [{ id: 'a', spec: { ...base, port: -1 } }, ['port']],
    [{ spec: base, spce: 1 }, ['spce']],
    [[], ['']],
  ])('%j', (input, paths) => expect(problems(input)).toEqual(paths));
});
