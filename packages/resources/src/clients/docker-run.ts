import { PassThrough } from 'node:stream';
import type Docker from 'dockerode';
import { orUndefined, reachDocker } from './docker-calls.ts';
import type { ExecResult, RunRequest } from './ports.ts';

/** Docker's frames of a log have a header of 8 bytes: which stream, and how long the text is. */
function textOf(log: Buffer, stream: 1 | 2): string {
  const parts: Buffer[] = [];
  for (let at = 0; at + 8 <= log.length; at += 8 + log.readUInt32BE(at + 4))
    if (log[at] === stream) parts.push(log.subarray(at + 8, at + 8 + log.readUInt32BE(at + 4)));
  return Buffer.concat(parts).toString();
}

/**
 * Runs one command in a container of its own and removes it, whatever happens. One that an earlier attempt of the same
 * name left is removed first.
 */
export async function runContainer(docker: Docker, request: RunRequest): Promise<ExecResult> {
  request.signal.throwIfAborted();
  await remove(docker, request.name);
  const container = await reachDocker(docker.createContainer(optionsOf(request)));
  // By its id: the next attempt may have one of the same name already.
  const stop = (): void => void remove(docker, container.id).catch(() => undefined);
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
    await remove(docker, container.id);
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

function optionsOf({ name, image, command, labels, mounts, networks }: RunRequest): Docker.ContainerCreateOptions {
  return {
    name,
    Image: image,
    Entrypoint: ['/usr/bin/tini', '--'],
    Cmd: [...command],
    Labels: { ...labels },
    HostConfig: {
      Mounts: mounts.map((m) => ({ Type: 'bind', Source: m.source, Target: m.target, ReadOnly: m.readOnly })),
      NetworkMode: networks[0] ?? 'none',
    },
  };
}

async function remove(docker: Docker, name: string): Promise<void> {
  await orUndefined(docker.getContainer(name).remove({ force: true }) as Promise<unknown>).catch((err: unknown) => {
    if (!/is already in progress/.test(String(err))) throw err;
  });
}
