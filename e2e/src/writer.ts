import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ROOT, until } from './stack.ts';

/** A time without an acknowledged write. The reason is `slow` where no write failed: a busy machine, not an outage of the database. */
export interface Outage {
  readonly at: string;
  readonly ms: number;
  readonly host: string;
  readonly reason: string;
}
export interface WriterReport {
  /** Marks the rows of this writer in the table `windlass_writer`. */
  readonly run: string;
  readonly acknowledged: number;
  readonly lost: number;
  readonly missing: readonly number[];
  readonly outages: readonly Outage[];
  readonly outage_ms: number;
}
export interface Writer {
  /** Resolves when so many writes (one, unless told) were acknowledged from now on. */
  writes(timeoutMs: number, count?: number): Promise<unknown>;
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
  const lines = (): number => (existsSync(file) ? readFileSync(file, 'utf8').split('\n').length - 1 : 0);
  return {
    writes: (timeoutMs, count = 1) => {
      const wanted = lines() + count;
      return until('the writer to write', () => Promise.resolve(lines() >= wanted), timeoutMs);
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

/** Writes one id after the other while something is done, then asks for every one that was acknowledged. */
export async function whileWriting(dsn: string, work: () => Promise<unknown>): Promise<WriterReport> {
  const writer = startWriter(dsn);
  try {
    await writer.writes(30_000, 50);
    await work();
  } catch (err) {
    await writer.finish().catch(() => undefined);
    throw err;
  }
  return writer.finish();
}

/** The times without a write because one failed. */
export const failures = ({ outages }: WriterReport): readonly Outage[] => outages.filter((o) => o.reason !== 'slow');
/** In ms; 0 where there was none. */
export const longest = ({ outages }: WriterReport): number => Math.max(0, ...outages.map((o) => o.ms));
