import type Docker from 'dockerode';

export interface DockerEvent {
  readonly Type: string;
  readonly Action: string;
  readonly Actor?: { readonly ID?: string; readonly Attributes?: Readonly<Record<string, string>> };
}

export interface DockerEvents {
  /** Resolves at the next matching event, or after `atMostMs`, so that a lost event delays and never blocks. */
  next(matches: (event: DockerEvent) => boolean, atMostMs: number, signal: AbortSignal): Promise<void>;
  subscribe(listener: (event: DockerEvent) => void): () => void;
  close(): void;
}

/** One event stream per process; opened again when it breaks. */
export function openDockerEvents(docker: Docker): DockerEvents {
  const waiting = new Set<(event: DockerEvent) => void>();
  let closed = false;
  let destroy: () => void = () => undefined;

  const listen = async (): Promise<void> => {
    const stream = (await docker.getEvents({
      filters: { type: ['container', 'network', 'node'] },
    })) as NodeJS.ReadableStream & { destroy(): void };
    destroy = () => stream.destroy();
    let rest = '';
    stream.on('error', () => undefined);
    stream.on('close', () => again());
    stream.on('data', (chunk: Buffer) => {
      const lines = (rest + chunk.toString()).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines)
        if (line.trim() !== '') for (const notify of [...waiting]) notify(JSON.parse(line) as DockerEvent);
    });
    if (closed) destroy();
  };
  const again = (): void => {
    if (!closed) setTimeout(() => void listen().catch(again), 500).unref();
  };
  void listen().catch(again);

  return {
    next: (matches, atMostMs, signal) =>
      new Promise((resolve, reject) => {
        const end = (settle: () => void): void => {
          clearTimeout(timer);
          waiting.delete(notify);
          signal.removeEventListener('abort', abort);
          settle();
        };
        const abort = (): void =>
          end(() => reject(signal.reason instanceof Error ? signal.reason : new Error('aborted')));
        const notify = (event: DockerEvent): void => {
          if (matches(event)) end(resolve);
        };
        const timer = setTimeout(() => end(resolve), atMostMs);
        waiting.add(notify);
        if (signal.aborted) abort();
        else signal.addEventListener('abort', abort, { once: true });
      }),
    subscribe: (listener) => {
      waiting.add(listener);
      return () => void waiting.delete(listener);
    },
    close: () => {
      closed = true;
      destroy();
    },
  };
}
