import pg from 'pg';

/** A client whose session ends at once when the signal says so, whatever it is doing. */
export function clientOf(config: pg.ClientConfig, signal?: AbortSignal): pg.Client {
  const client = new pg.Client(config);
  // What ends a session is told to whoever waits for its answer; without a listener it would end the process.
  client.on('error', () => undefined);
  // In the middle of a login or a statement `end` would wait for the server.
  const stop = (): void => void client.connection.stream.destroy();
  signal?.addEventListener('abort', stop, { once: true });
  client.once('end', () => signal?.removeEventListener('abort', stop));
  return client;
}
