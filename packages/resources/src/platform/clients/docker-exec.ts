import { randomUUID } from 'node:crypto';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import type Docker from 'dockerode';
import { DomainError } from '../../errors/index.ts';
import { reachDocker } from './docker-calls.ts';
import type { ExecRequest, ExecResult } from './ports.ts';

/** How long what is not the command's own work may take. */
export interface ExecPatience {
  /** The engine answers a question about a command. */
  readonly answersMs: number;
  /** A command that was told to stop ends. */
  readonly stopsMs: number;
}
const PATIENCE: ExecPatience = { answersMs: 30_000, stopsMs: 20_000 };
/** Far longer than what is asked in passing takes; what may take hours says so. */
const LIMIT_MS = 120_000;

/**
 * Runs a command in a container and waits for its end. Docker cannot signal such a command, so a shell in front of it
 * writes down its process id: when `signal` aborts, or its limit is over, it gets SIGTERM, and the call ends when the command
 * has ended. Throws what aborted the signal, and `docker_unavailable` for a command that took too long.
 */
export async function execInContainer(
  docker: Docker,
  containerId: string,
  request: ExecRequest,
  patience = PATIENCE,
): Promise<ExecResult> {
  request.signal.throwIfAborted();
  const pidFile = `/tmp/windlass-exec-${randomUUID()}`;
  const wrapped = ['sh', '-c', 'echo $$ > "$0"; exec "$@"', pidFile, ...request.command];
  const [signal, over] = [limited(request), new AbortController()];
  const ended = runCommand(docker, containerId, wrapped, { ...request, over: over.signal }, patience);
  ended.catch(() => undefined);
  const stop = (): void => {
    const kill = ['sh', '-c', 'kill -TERM "$(cat "$0")"', pidFile];
    void runCommand(docker, containerId, kill, { over: over.signal }, patience).catch(() => undefined);
  };
  signal.addEventListener('abort', stop, { once: true });
  try {
    const result = await Promise.race([ended, endOfPatience(signal, patience.stopsMs)]);
    signal.throwIfAborted();
    return result;
  } catch (err) {
    throw signal.aborted ? reasonOf(signal, request) : err;
  } finally {
    signal.removeEventListener('abort', stop);
    over.abort();
    void runCommand(docker, containerId, ['rm', '-f', pidFile], {}, patience).catch(() => undefined);
  }
}

const limited = ({ signal, limitMs = LIMIT_MS }: ExecRequest): AbortSignal =>
  limitMs === Infinity ? signal : AbortSignal.any([signal, AbortSignal.timeout(limitMs)]);

/** Whoever aborted says why; a clock does not say what took too long. */
function reasonOf(signal: AbortSignal, { command, limitMs = LIMIT_MS, signal: asked }: ExecRequest): unknown {
  const reason = signal.reason as { readonly name?: string };
  if (reason.name !== 'TimeoutError') return reason;
  const time = asked.aborted ? 'in time' : `within ${String(limitMs / 1000)} s`;
  return new DomainError('docker_unavailable', `'${command[0] ?? ''}' in a container did not end ${time}`);
}

interface RunOptions extends Pick<ExecRequest, 'env' | 'onOutput'> {
  /** Aborted: nobody listens to the command any more. */
  readonly over?: AbortSignal;
}

/** Runs a command in a container until it ends. Nothing stops it but the end of the container. */
export async function runCommand(
  docker: Docker,
  containerId: string,
  command: readonly string[],
  { env = {}, onOutput, over }: RunOptions = {},
  { answersMs }: Pick<ExecPatience, 'answersMs'> = PATIENCE,
): Promise<ExecResult> {
  const Env = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const wish = { Cmd: [...command], Env, AttachStdout: true, AttachStderr: true };
  const exec = await answered(docker.getContainer(containerId).exec(wish), answersMs);
  const stream = await answered(exec.start({ hijack: true, stdin: false }), answersMs);
  over?.addEventListener('abort', () => stream.destroy(), { once: true });
  const [out, err] = [new PassThrough(), new PassThrough()];
  docker.modem.demuxStream(stream, out, err);
  const close = (): void => void [out.end(), err.end()];
  stream.once('end', close).once('close', close).once('error', close);
  if (onOutput) out.on('data', (chunk: Buffer) => onOutput(chunk.toString()));
  const [stdout, stderr] = await Promise.all([text(out), text(err)]);
  return { exitCode: await exitCodeOf(exec, answersMs), stdout, stderr };
}

/** The engine's answer; `docker_unavailable` when it gives none. */
async function answered<T>(call: Promise<T>, withinMs: number): Promise<T> {
  const over = new AbortController();
  const silence = sleep(withinMs, undefined, { ref: false, signal: over.signal }).then(() => {
    const within = `${String(withinMs / 1000)} s`;
    throw new DomainError('docker_unavailable', `the Docker engine did not answer within ${within}`);
  });
  silence.catch(() => undefined);
  try {
    return await Promise.race([reachDocker(call), silence]);
  } finally {
    over.abort();
  }
}

/** Docker closes a command's output a moment before it notes how it ended. */
const NOTED_WITHIN_MS = 2000;

async function exitCodeOf(exec: Docker.Exec, answersMs: number): Promise<number> {
  const until = performance.now() + NOTED_WITHIN_MS;
  for (;;) {
    const { ExitCode } = (await answered(exec.inspect(), answersMs)) as { ExitCode: number | null };
    if (ExitCode !== null) return ExitCode;
    if (performance.now() > until)
      throw new DomainError('docker_unavailable', 'the connection to a command in a container was lost');
    await sleep(20);
  }
}

/** Rejects when a command that was told to stop does not. */
async function endOfPatience(signal: AbortSignal, stopsMs: number): Promise<never> {
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  await sleep(stopsMs, undefined, { ref: false });
  throw signal.reason;
}
