import { randomUUID } from 'node:crypto';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import type Docker from 'dockerode';
import { DomainError } from '../errors/index.ts';
import { reachDocker } from './docker-calls.ts';
import type { ExecRequest, ExecResult } from './ports.ts';

/** A command that was told to stop is waited for this long. */
const STOPS_WITHIN_MS = 20_000;

/**
 * Runs a command in a container and waits for its end. Docker cannot signal such a command, so a shell in front of it
 * writes down its process id: when `signal` aborts it gets SIGTERM, and the call ends when the command has ended.
 */
export async function execInContainer(docker: Docker, containerId: string, request: ExecRequest): Promise<ExecResult> {
  request.signal.throwIfAborted();
  const pidFile = `/tmp/windlass-exec-${randomUUID()}`;
  const wrapped = ['sh', '-c', 'echo $$ > "$0"; exec "$@"', pidFile, ...request.command];
  const ended = runCommand(docker, containerId, wrapped, request);
  ended.catch(() => undefined);
  const stop = (): void => {
    const kill = ['sh', '-c', 'kill -TERM "$(cat "$0")"', pidFile];
    void runCommand(docker, containerId, kill).catch(() => undefined);
  };
  request.signal.addEventListener('abort', stop, { once: true });
  try {
    const result = await Promise.race([ended, endOfPatience(request.signal)]);
    request.signal.throwIfAborted();
    return result;
  } finally {
    request.signal.removeEventListener('abort', stop);
    void runCommand(docker, containerId, ['rm', '-f', pidFile]).catch(() => undefined);
  }
}

/** Runs a command in a container until it ends. Nothing stops it but the end of the container. */
export async function runCommand(
  docker: Docker,
  containerId: string,
  command: readonly string[],
  { env = {}, onOutput }: Pick<ExecRequest, 'env' | 'onOutput'> = {},
): Promise<ExecResult> {
  const Env = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const exec = await reachDocker(
    docker.getContainer(containerId).exec({ Cmd: [...command], Env, AttachStdout: true, AttachStderr: true }),
  );
  const stream = await reachDocker(exec.start({ hijack: true, stdin: false }));
  const [out, err] = [new PassThrough(), new PassThrough()];
  docker.modem.demuxStream(stream, out, err);
  const close = (): void => void [out.end(), err.end()];
  stream.once('end', close).once('close', close).once('error', close);
  if (onOutput) out.on('data', (chunk: Buffer) => onOutput(chunk.toString()));
  const [stdout, stderr] = await Promise.all([text(out), text(err)]);
  return { exitCode: await exitCodeOf(exec), stdout, stderr };
}

/** Docker closes a command's output a moment before it notes how it ended. */
const NOTED_WITHIN_MS = 2000;

async function exitCodeOf(exec: Docker.Exec): Promise<number> {
  const until = performance.now() + NOTED_WITHIN_MS;
  for (;;) {
    const { ExitCode } = (await reachDocker(exec.inspect())) as { ExitCode: number | null };
    if (ExitCode !== null) return ExitCode;
    if (performance.now() > until)
      throw new DomainError('docker_unavailable', 'the connection to a command in a container was lost');
    await sleep(20);
  }
}

/** Rejects when a command that was told to stop does not. */
async function endOfPatience(signal: AbortSignal): Promise<never> {
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  await sleep(STOPS_WITHIN_MS, undefined, { ref: false });
  throw signal.reason;
}
