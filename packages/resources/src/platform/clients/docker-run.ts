import { PassThrough } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type Docker from 'dockerode';
import { DomainError } from '../../errors/index.ts';
import { orUndefined, reachDocker } from './docker-calls.ts';
import { runCommand } from './docker-exec.ts';
import type { ExecResult, RunRequest } from './ports.ts';

/** Docker's frames of a log have a header of 8 bytes: which stream, and how long the text is. */
function textOf(log: Buffer, stream: 1 | 2): string {
  const parts: Buffer[] = [];
  for (let at = 0; at + 8 <= log.length; at += 8 + log.readUInt32BE(at + 4))
    if (log[at] === stream) parts.push(log.subarray(at + 8, at + 8 + log.readUInt32BE(at + 4)));
  return Buffer.concat(parts).toString();
}

/** When the attempt that made a container began, in milliseconds: of two of the same name the later one stays. */
const BEGUN = 'windlass.begun';
/** The longest that the engine may take to remove what an earlier attempt left. */
const REMOVAL_MS = 30_000;

/**
 * Runs commands in containers of their own and removes these, whatever happens. One that an earlier attempt of the same name
 * left, or still runs because it does not know yet that it is over, is removed.
 */
export function createRunner(docker: Docker): (request: RunRequest) => Promise<ExecResult> {
  const kept = new Map<string, Kept>();
  return (request) => (request.keep ? runInKept(docker, request, kept) : runContainer(docker, request));
}

export async function runContainer(docker: Docker, request: RunRequest): Promise<ExecResult> {
  const container = await create(docker, request, request.command);
  try {
    return await unlessAborted(docker, container, request.signal, async () => {
      await start(docker, container, request);
      if (request.onOutput) await follow(docker, container, request.onOutput);
      const { StatusCode } = (await reachDocker(container.wait())) as { StatusCode: number };
      request.signal.throwIfAborted();
      const all = { stdout: true, stderr: true, follow: false as const };
      const log = (await reachDocker(container.logs(all))) as unknown as Buffer;
      return { exitCode: StatusCode, stdout: textOf(log, 1), stderr: textOf(log, 2) };
    });
  } finally {
    await removeContainer(docker, container.id);
  }
}

/** A container that waits for its next command, and what it was made for. */
interface Kept {
  readonly id: string;
  readonly purpose: string;
}

const WAIT = ['sleep', 'infinity'];
/** Most processes and threads of such a container: a Postgres that recovers, and pgBackRest. */
const PIDS_LIMIT = 4096;

/**
 * Only this process knows a kept container, and only while no command runs in it: whoever else needs its name, or this
 * process after a command that did not end by itself, makes another one, which removes it.
 */
async function runInKept(docker: Docker, request: RunRequest, kept: Map<string, Kept>): Promise<ExecResult> {
  const { name, image, labels, mounts, networks } = request;
  const purpose = JSON.stringify([image, labels, mounts, networks]);
  const waiting = kept.get(name);
  kept.delete(name);
  const container = waiting?.purpose === purpose ? await running(docker, waiting.id) : undefined;
  const usable = container ?? (await create(docker, request, WAIT));
  try {
    const result = await unlessAborted(docker, usable, request.signal, async () => {
      if (!container) await start(docker, usable, request);
      return runCommand(docker, usable.id, request.command, request);
    });
    kept.set(name, { id: usable.id, purpose });
    return result;
  } catch (err) {
    await removeContainer(docker, usable.id);
    throw err;
  }
}

async function running(docker: Docker, id: string): Promise<Docker.Container | undefined> {
  const container = docker.getContainer(id);
  return (await orUndefined(container.inspect()))?.State.Running ? container : undefined;
}

/** Does the work while nobody aborts; else the container is taken away, with whatever runs in it. */
async function unlessAborted<T>(
  docker: Docker,
  { id }: Docker.Container,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  // By its id: the next attempt may have one of the same name already.
  const stop = (): void => void removeContainer(docker, id).catch(() => undefined);
  signal.addEventListener('abort', stop, { once: true });
  try {
    const done = await work();
    signal.throwIfAborted();
    return done;
  } catch (err) {
    signal.throwIfAborted(); // whatever Docker says of a container that is taken away
    throw err;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

async function start(docker: Docker, container: Docker.Container, { networks }: RunRequest): Promise<void> {
  for (const one of networks.slice(1)) await reachDocker(docker.getNetwork(one).connect({ Container: container.id }));
  await reachDocker(container.start());
}

async function create(docker: Docker, request: RunRequest, command: readonly string[]): Promise<Docker.Container> {
  const begun = Date.now();
  for (;;) {
    request.signal.throwIfAborted();
    try {
      return await reachDocker(docker.createContainer(optionsOf(request, command, begun)));
    } catch (err) {
      if (!isConflict(err) || Date.now() - begun > REMOVAL_MS) throw err;
    }
    const other = await orUndefined(docker.getContainer(request.name).inspect());
    if (!other) continue;
    if (Number(other.Config.Labels[BEGUN] ?? 0) > begun)
      throw new DomainError('docker_unavailable', `a later attempt works in container '${request.name}'`);
    await removeContainer(docker, other.Id);
    await sleep(100, undefined, { signal: request.signal }); // the engine may be removing it already
  }
}

/** Hands on what the command writes to its standard output, until the container ends. */
async function follow(docker: Docker, container: Docker.Container, onOutput: (text: string) => void): Promise<void> {
  const stream = await reachDocker(container.logs({ stdout: true, stderr: false, follow: true }));
  const out = new PassThrough();
  docker.modem.demuxStream(stream, out, new PassThrough());
  out.on('data', (chunk: Buffer) => onOutput(chunk.toString()));
  stream.on('error', () => undefined); // it is only shown
}

function optionsOf(
  { name, image, labels, mounts, networks }: RunRequest,
  command: readonly string[],
  begun: number,
): Docker.ContainerCreateOptions {
  return {
    name,
    Image: image,
    Entrypoint: ['/usr/bin/tini', '--'],
    Cmd: [...command],
    Labels: { ...labels, [BEGUN]: String(begun) },
    HostConfig: {
      Mounts: mounts.map((m) => ({ Type: 'bind', Source: m.source, Target: m.target, ReadOnly: m.readOnly })),
      NetworkMode: networks[0] ?? 'none',
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      PidsLimit: PIDS_LIMIT,
    },
  };
}

/** Kills a container, by its id or name, if it runs and removes it at once; absence is success, and so is a removal that goes on. */
export async function removeContainer(docker: Docker, container: string): Promise<void> {
  try {
    await orUndefined(docker.getContainer(container).remove({ force: true }) as Promise<unknown>);
  } catch (err) {
    if (!isConflict(err)) throw err;
  }
}

const isConflict = (err: unknown): boolean => err instanceof DomainError && err.details['statusCode'] === 409;
