import { EventEmitter } from 'node:events';
import * as b from '../../testing/pgoutput-bytes.ts';
import { Progress } from './progress.ts';
import { ProtocolError } from './protocol-error.ts';
import { Receiver } from './receiver.ts';
import type { CopyBoth } from './copy-both.ts';

/** What `pg` gives a query to work with; keeps what it is told. */
class FakeConnection extends EventEmitter {
  readonly sent: Buffer[] = [];
  readonly calls: string[] = [];
  readonly stream = { pause: () => this.calls.push('pause'), resume: () => this.calls.push('resume') };
  query(text: string): void {
    this.calls.push(text);
  }
  sendCopyFromChunk(bytes: Buffer): void {
    this.sent.push(bytes);
  }
  endCopyFrom(): void {
    this.calls.push('copyDone');
  }
}

function receiver(more: { queueBytes?: number } = {}) {
  const connection = new FakeConnection();
  const progress = new Progress(0n);
  const destroy = jest.fn();
  const timing = { statusIntervalMs: 60_000, silenceMs: 0 };
  const one = new Receiver({ text: 'START', progress, queueBytes: 1000, ...timing, destroy, ...more });
  let command: CopyBoth | undefined;
  const started = one.start((copy) => {
    command = copy;
    copy.submit(connection as unknown as Parameters<CopyBoth['submit']>[0]);
  });
  const give = (chunk: Buffer): void => command?.handleCopyData({ chunk });
  return { one, connection, progress, destroy, started, give, command: () => command };
}
const data = (walStart: bigint, text: string): Buffer =>
  b.join(b.letter('w'), b.u64(walStart), b.u64(walStart), b.i64(0n), Buffer.from(text));
const keepalive = (walEnd: bigint, ask: boolean): Buffer =>
  b.join(b.letter('k'), b.u64(walEnd), b.i64(0n), b.u8(ask ? 1 : 0));

async function begun(more: { queueBytes?: number } = {}) {
  const all = receiver(more);
  all.connection.emit('replicationStart');
  await all.started;
  return all;
}

describe('Receiver', () => {
  it('begins when the server does, and not when it refuses', async () => {
    const { connection, command } = await begun();
    expect(connection.calls).toEqual(['START']);
    command()?.handleReadyForQuery();
    const refused = receiver();
    refused.command()?.handleError(Object.assign(new Error('in use'), { code: '55006' }));
    await expect(refused.started).rejects.toThrow('in use');
  });

  it('keeps what came, also when its bytes are written over', async () => {
    const { one, give, progress, command } = await begun();
    const chunk = data(5n, 'abc');
    give(chunk);
    chunk.fill(0);
    expect(await one.queue.take()).toMatchObject([{ walStart: 5n, data: Buffer.from('abc') }]);
    expect([progress.received, progress.confirmed]).toEqual([5n, 0n]);
    command()?.handleReadyForQuery();
  });

  it('answers a keepalive while nobody reads, and does not claim its position', async () => {
    const { one, give, connection, command } = await begun();
    give(data(5n, 'abc'));
    give(keepalive(9n, false));
    give(keepalive(9n, true));
    expect(connection.sent.map((bytes) => [bytes.readBigUInt64BE(1), bytes.readBigUInt64BE(9)])).toEqual([[5n, 0n]]);
    expect((await one.queue.take()).map(({ kind }) => kind)).toEqual(['xlogData', 'keepalive', 'keepalive']);
    command()?.handleReadyForQuery();
  });

  it('does not read the socket while too much waits', async () => {
    const { one, give, connection, command } = await begun({ queueBytes: 4 });
    give(data(5n, 'abcde'));
    expect(connection.calls).toEqual(['START', 'pause']);
    await one.queue.take();
    expect(connection.calls).toEqual(['START', 'pause', 'resume']);
    command()?.handleReadyForQuery();
  });

  it('ends with what was wrong, after what was right', async () => {
    const { one, give, destroy } = await begun();
    give(data(5n, 'abc'));
    give(b.letter('?'));
    give(data(6n, 'late'));
    expect(await one.queue.take()).toHaveLength(1);
    await expect(one.queue.take()).rejects.toBeInstanceOf(ProtocolError);
    expect(destroy).toHaveBeenCalled();
  });

  it('takes the end of the stream by the server for an error of the connection', async () => {
    const { one, connection, command } = await begun();
    connection.emit('copyDone');
    expect(connection.calls).toEqual(['START', 'copyDone']);
    command()?.handleCommandComplete();
    command()?.handleReadyForQuery();
    const failure = { code: 'connection_failed', details: { reason: 'closed' } };
    await expect(one.queue.take()).rejects.toMatchObject(failure);
  });

  it('says how far it is before it closes, and waits for the server a second at most', async () => {
    const { one, connection, destroy, progress, command } = await begun();
    progress.pass(7n);
    const closing = one.close();
    expect(connection.sent.at(-1)?.readBigUInt64BE(9)).toBe(7n);
    expect([connection.calls, destroy.mock.calls.length]).toEqual([['START', 'copyDone', 'resume'], 0]);
    command()?.handleReadyForQuery();
    await closing;
    expect(destroy).toHaveBeenCalledTimes(1);
    expect(await one.queue.take()).toEqual([]);
    const silent = await begun();
    jest.useFakeTimers();
    const ended = silent.one.close();
    jest.advanceTimersByTime(1000);
    jest.useRealTimers();
    await ended;
    expect(silent.destroy).toHaveBeenCalledTimes(1);
  });
});
