import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { ROOT } from '../stack.ts';

export interface WriterReport {
  readonly acknowledged: number;
  readonly lost: number;
  readonly missing: readonly number[];
  readonly outages: readonly { readonly at: string; readonly ms: number; readonly host: string }[];
  readonly outage_ms: number;
}
export interface Writer {
  /** Stops it and gives what it found out when it asked for every id. */
  finish(): Promise<WriterReport>;
}

/** examples/writer.mjs in the background. `pauseMs` is the time between two writes. */
export function startWriter(dsn: string, pauseMs = 5): Writer {
  const file = path.join(ROOT, 'examples/writer.mjs');
  const child = spawn(process.execPath, [file, dsn, '--pause', String(pauseMs), '--quiet']);
  let [output, complaints] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString()));
  const closed = once(child, 'close');
  return {
    finish: async () => {
      child.kill('SIGTERM');
      await closed;
      const last = output.trim().split('\n').at(-1) ?? '';
      if (!last.startsWith('{')) throw new Error(`the writer did not report: ${complaints || output}`);
      return JSON.parse(last) as WriterReport;
    },
  };
}
