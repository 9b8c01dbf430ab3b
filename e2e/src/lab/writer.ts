import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ROOT, until } from '../stack.ts';

export interface WriterReport {
  /** Marks the rows of this writer in the table `windlass_writer`. */
  readonly run: string;
  readonly acknowledged: number;
  readonly lost: number;
  readonly missing: readonly number[];
  readonly outages: readonly { readonly at: string; readonly ms: number; readonly host: string }[];
  readonly outage_ms: number;
}
export interface Writer {
  /** Resolves when a write was acknowledged from now on. */
  writes(timeoutMs: number): Promise<unknown>;
  /** Stops it and gives what it found out when it asked for every id. */
  finish(): Promise<WriterReport>;
}

/** examples/writer.mjs in the background. `pauseMs` is the time between two writes. */
export function startWriter(dsn: string, pauseMs = 5): Writer {
  const folder = mkdtempSync(path.join(tmpdir(), 'windlass-writer-'));
  const file = path.join(folder, 'acknowledged');
  const program = path.join(ROOT, 'examples/writer.mjs');
  const child = spawn(process.execPath, [program, dsn, '--pause', String(pauseMs), '--quiet', '--file', file]);
  let [output, complaints] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString()));
  const closed = once(child, 'close').finally(() => rmSync(folder, { recursive: true }));
  const size = (): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  return {
    writes: (timeoutMs) => {
      const before = size();
      return until('the writer to write', () => Promise.resolve(size() > before), timeoutMs);
    },
    finish: async () => {
      child.kill('SIGTERM');
      await closed;
      const last = output.trim().split('\n').at(-1) ?? '';
      if (!last.startsWith('{')) throw new Error(`the writer did not report: ${complaints || output}`);
      return JSON.parse(last) as WriterReport;
    },
  };
}
