import { EventEmitter } from 'node:events';
import type { Etcd3 } from 'etcd3';
import { openWatch } from './etcd-watch.ts';

/** An etcd3 client whose watchers the test speaks for. */
function fakeEtcd(cancel: () => Promise<void>) {
  const watchers: EventEmitter[] = [];
  const create = () => {
    const watcher = Object.assign(new EventEmitter(), { cancel });
    watchers.push(watcher);
    return Promise.resolve(watcher);
  };
  const client = { watch: () => ({ prefix: () => ({ create }) }) } as unknown as Etcd3;
  return { client, watchers };
}
const put = (key: string) => ({ key: Buffer.from(key), value: Buffer.from('1') });
const never = (): Promise<void> => new Promise(() => undefined);

describe('a watch', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it('that ends with an error is opened anew and asks for a resync', async () => {
    const { client, watchers } = fakeEtcd(() => Promise.resolve());
    const seen: string[] = [];
    await openWatch(client, 'p/', (key) => seen.push(key), () => seen.push('resync')); // prettier-ignore
    watchers[0]?.emit('put', put('p/1'));
    watchers[0]?.emit('error', new Error('Watcher canceled: '));
    await jest.advanceTimersByTimeAsync(250);
    watchers[1]?.emit('put', put('p/2'));
    expect(seen).toEqual(['p/1', 'resync', 'p/2']);
    expect(watchers).toHaveLength(2);
  });

  it('closed between the error and the new one stays closed, at once', async () => {
    const { client, watchers } = fakeEtcd(never);
    const watch = await openWatch(client, 'p/', () => undefined, () => undefined); // prettier-ignore
    watchers[0]?.emit('error', new Error('Watcher canceled: '));
    await watch.close();
    await jest.advanceTimersByTimeAsync(1000);
    expect(watchers).toHaveLength(1);
  });

  it('closes in a second although etcd never confirms, and is silent afterwards', async () => {
    const { client, watchers } = fakeEtcd(never);
    const seen: string[] = [];
    const watch = await openWatch(client, 'p/', (key) => seen.push(key), () => seen.push('resync')); // prettier-ignore
    let isClosed = false;
    const closing = watch.close().then(() => (isClosed = true));
    await jest.advanceTimersByTimeAsync(999);
    expect(isClosed).toBe(false);
    await jest.advanceTimersByTimeAsync(1);
    await closing;
    watchers[0]?.emit('put', put('p/1'));
    watchers[0]?.emit('connected');
    expect(seen).toEqual([]);
  });
});
