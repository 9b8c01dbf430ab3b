import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

const script = readFileSync(path.join(__dirname, 'patroni-image.test.py'));

const majors = (process.env['WINDLASS_POSTGRES_MAJORS'] ?? '15 17 18').split(' ');

test.each(majors)('Patroni in the image of Postgres %s pauses no longer than it must', (major) => {
  const image = `windlass/postgres:${major}`;
  const args = ['run', '--rm', '-i', '--network', 'none', '--entrypoint', 'python3', image, '-'];
  execFileSync('docker', args, { input: script, stdio: ['pipe', 'pipe', 'pipe'], timeout: 110_000 });
});
