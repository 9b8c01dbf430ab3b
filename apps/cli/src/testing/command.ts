import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { run } from '../run.ts';
import type { Terminal } from '../terminal.ts';

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface TestCommand {
  readonly cwd: string;
  readonly env: Record<string, string>;
  /** Runs the command as it is; `more` is what else the terminal has. */
  windlass(args: readonly string[], more?: Partial<Terminal>): Promise<Ran>;
}

/** The command in a folder and with a home of its own, asking a server over HTTP. */
export function makeCommand(url: string): TestCommand {
  const cwd = mkdtempSync(path.join(tmpdir(), 'windlass-cli-'));
  const env: Record<string, string> = { WINDLASS_URL: url, HOME: cwd };
  const windlass: TestCommand['windlass'] = async (args, more = {}) => {
    let [out, err] = ['', ''];
    const code = await run(args, {
      env,
      cwd,
      isTTY: false,
      interrupted: new AbortController().signal,
      unheard: new AbortController().signal,
      out: (text) => void (out += text),
      err: (text) => void (err += text),
      confirm: () => Promise.resolve(false),
      readInput: () => Promise.resolve(''),
      programs: { has: () => true, run: () => Promise.resolve(0) },
      ...more,
    });
    return { code, out, err };
  };
  return { cwd, env, windlass };
}
