import { PassThrough } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type Docker from 'dockerode';
import { DomainError } from '../errors/index.ts';
import { orUndefined, reachDocker } from './docker-calls.ts';
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
 * Runs one command in a container of its own and removes it, whatever happens. One that an earlier attempt of the same
 * name left, or still runs because it does not know yet that it is over, is removed.
 */
export async function runContainer(docker: Docker, request: RunRequest): Promise<ExecResult> {
  const container = await create(docker, request);
  // By its id: the next attempt may have one of the same name already.
  const stop = (): void => void removeContainer(docker, container.id).catch(() => undefined);
  request.signal.addEventListener('abort', stop, { once: true });
  try {
    const [network, ...more] = request.networks;
    for (const one of network === undefined ? [] : more)
      await reachDocker(docker.getNetwork(one).connect({ Container: container.id }));
    await reachDocker(container.start());
    if (request.onOutput) await follow(docker, container, request.onOutput);
    const { StatusCode } = (await reachDocker(container.wait())) as { StatusCode: number };
    request.signal.throwIfAborted();
    const log = (await reachDocker(container.logs({ stdout: true, stderr: true, follow: false }))) as unknown as Buffer;
    return { exitCode: StatusCode, stdout: textOf(log, 1), stderr: textOf(log, 2) };
  } catch (err) {
    request.signal.throwIfAborted(); // whatever Docker says of a container that is taken away
    throw err;
  } finally {
    request.signal.removeEventListener('abort', stop);
    await removeContainer(docker, container.id);
  }
}

async function create(docker: Docker, request: RunRequest): Promise<Docker.Container> {
  const begun = Date.now();
  for (;;) {
    request.signal.throwIfAborted();
    try {
      return await reachDocker(docker.createContainer(optionsOf(request, begun)));
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

function optionsOf(request: RunRequest, begun: number): Docker.ContainerCreateOptions {
  const { name, image, command, labels, mounts, networks } = request;
  return {
    name,
    Image: image,
    Entrypoint: ['/usr/bin/tini', '--'],
    Cmd: [...command],
    Labels: { ...labels, [BEGUN]: String(begun) },
    HostConfig: {
      Mounts: mounts.map((m) => ({ Type: 'bind', Source: m.source, Target: m.target, ReadOnly: m.readOnly })),
      NetworkMode: networks[0] ?? 'none',
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
