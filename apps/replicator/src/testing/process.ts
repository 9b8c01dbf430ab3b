import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

const MAIN = path.join(import.meta.dirname, '../../dist/replicator.mjs');

/** A replicator as it is run: a process of its own, from what `build` made. */
export class ReplicatorProcess {
  readonly #env: Readonly<Record<string, string>>;
  readonly #listen: string;
  #child: ChildProcess | undefined;

  constructor(env: Readonly<Record<string, string>>, port: number) {
    this.#listen = `127.0.0.1:${String(port)}`;
    this.#env = { ...env, WINDLASS_LISTEN: this.#listen };
  }

  start(): void {
    const env = { PATH: process.env['PATH'] ?? '', ...this.#env };
    this.#child = spawn(process.execPath, [MAIN], { env, stdio: ['ignore', 'inherit', 'inherit'] });
  }

  /** Resolves with its code when it has ended. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null;
    const over = once(child, 'exit') as Promise<[number | null]>;
    child.kill(signal);
    return (await over)[0];
  }

  /** What a page says; undefined while nobody answers. */
  async get(page: string): Promise<{ readonly code: number; readonly text: string } | undefined> {
    try {
      const answer = await fetch(`http://${this.#listen}${page}`);
      return { code: answer.status, text: await answer.text() };
    } catch {
      return undefined;
    }
  }

  /** In MB. */
  async memory(): Promise<number> {
    return Math.round((await this.#metric('process_resident_memory_bytes')) / 1e6);
  }

  cpuSeconds(): Promise<number> {
    return this.#metric('process_cpu_seconds_total');
  }

  async #metric(name: string): Promise<number> {
    const { text = '' } = (await this.get('/metrics')) ?? {};
    return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
  }
}
