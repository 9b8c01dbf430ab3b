import type { Problem } from '@windlass/client';
import { isObject, textOf } from '@windlass/client/json';

/** How the command ends; docs/cli.md documents them, and they do not change. */
export const EXIT = { ok: 0, failed: 1, usage: 2, refused: 3, notFound: 4, timeout: 5, interrupted: 130 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Ends the command as another program has ended, which has said why. */
export class ProgramEnded extends Error {
  readonly status: number;
  constructor(status: number) {
    super(`it ended with ${String(status)}`);
    this.status = status;
  }
}

/** Ends the command with these words. */
export class CommandError extends Error {
  readonly exitCode: ExitCode;
  constructor(exitCode: ExitCode, message: string) {
    super(message);
    this.exitCode = exitCode;
  }
}

export const usageError = (message: string) => new CommandError(EXIT.usage, message);

/** The code for whatever was thrown. What the client throws is known by its fields: loading it takes time that `--help` has not. */
export function exitCodeOf(err: unknown): ExitCode {
  if (err instanceof CommandError) return err.exitCode;
  const status = isObject(err) ? err['status'] : undefined;
  if (typeof status === 'number') return status === 404 ? EXIT.notFound : status < 500 ? EXIT.refused : EXIT.failed;
  const name = textOf(err, 'name');
  return name === 'timeout' ? EXIT.timeout : name === 'AbortError' ? EXIT.interrupted : EXIT.failed;
}

/** What is said of it: the problems one a line, the role or tenant that is missing, and what to do. */
export function wordsOf(err: unknown): string {
  if (!isObject(err)) return String(err);
  const message = textOf(err, 'message') ?? 'no reason is known';
  const role = textOf(err, 'missingRole');
  const tenant = textOf(err, 'missingTenant');
  const remedy = textOf(err, 'remedy');
  const code = typeof err['status'] === 'number' ? ` (${textOf(err, 'name') ?? 'error'})` : '';
  return [
    `${message}${code}`,
    ...(role === undefined ? [] : [`missing role: ${role}`]),
    ...(tenant === undefined ? [] : [`missing tenant: ${tenant === 'all' ? 'all of them' : tenant}`]),
    ...(remedy === undefined ? [] : [`do: ${remedy}`]),
  ].join('\n');
}

/** As one line. */
export const problemText = ({ field, message }: Problem) => (field === undefined ? message : `${field}: ${message}`);
