import { accessSync, constants, readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { dataConverter } from './data-converter.ts';

const ROOT = path.resolve(__dirname, '../../../..');

/** A Temporal server of a test's own, in memory, on free ports, told what `bin/up` tells it. */
export async function startTemporalServer(): Promise<TestWorkflowEnvironment> {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  return TestWorkflowEnvironment.createLocal({
    client: { dataConverter },
    server: {
      executable: { type: 'existing-path', path: findTemporal() },
      log: { format: 'pretty', level: 'error' },
      extraArgs: serverArguments(),
    },
  });
}

/** `bin/lib/temporal.args`, one argument a line. */
function serverArguments(): string[] {
  const lines = readFileSync(path.join(ROOT, 'bin/lib/temporal.args'), 'utf8').split('\n');
  return lines.filter((line) => line !== '' && !line.startsWith('#'));
}

/** The program `temporal`, where bin/lib/install.sh finds or puts it. */
function findTemporal(): string {
  const cache =
    process.env['WINDLASS_CACHE'] ?? path.join(process.env['XDG_CACHE_HOME'] ?? os.homedir() + '/.cache', 'windlass');
  const folders = [...(process.env['PATH'] ?? '').split(path.delimiter), path.join(cache, 'bin')];
  const found = folders.map((folder) => path.join(folder, 'temporal')).find(isProgram);
  if (found === undefined) throw new Error('no program `temporal`: bin/up or bin/test installs it');
  return found;
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
