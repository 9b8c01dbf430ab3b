import { execFileSync } from 'node:child_process';
import { PATRONI_LIMITS } from './setting-limits.ts';

/** Patroni itself says which of two values it takes. */
const ASK = `
from patroni.postgresql.config import ConfigHandler
limits = ${JSON.stringify(PATRONI_LIMITS)}
for name, least in limits.items():
    takes = ConfigHandler.CMDLINE_OPTIONS[name][1]
    print(name, bool(takes(str(least))), bool(takes(str(least - 1))))
numbers = [n for n, o in ConfigHandler.CMDLINE_OPTIONS.items() if n.startswith('max_')]
print(sorted(numbers) == sorted(limits))
`;

it.each([15, 17, 18])('the limits are those of the Patroni beside Postgres %i', (major) => {
  const image = `windlass/postgres:${String(major)}`;
  const args = ['run', '--rm', '--network', 'none', '--entrypoint', 'python3', image, '-c', ASK];
  const lines = execFileSync('docker', args, { encoding: 'utf8', timeout: 110_000 }).trim().split('\n');
  const expected = Object.keys(PATRONI_LIMITS).map((name) => `${name} True False`);
  expect(lines).toEqual([...expected, 'True']);
});
