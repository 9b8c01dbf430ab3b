import type { Clients } from '../clients/ports.ts';
import { DomainError } from '../../errors/index.ts';
import { untilLeader } from './until-leader.ts';

const refusal = (status: number): DomainError =>
  new DomainError('patroni_unavailable', `Patroni says ${String(status)}`, { details: { status } });

/** An etcd that tells of the new leader when it is told to. */
function world(): { dcs: Clients['dcs']; elect: (name: string) => void } {
  let elect: (name: string) => void = () => undefined;
  const elected = new Promise<string>((resolve) => (elect = resolve));
  const waitForLeader = (_scope: string, signal: AbortSignal): Promise<string> =>
    new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(new Error('aborted')));
      void elected.then(resolve);
    });
  return { dcs: { waitForLeader } as unknown as Clients['dcs'], elect: (name) => elect(name) };
}
const change = { scope: 'shop:n1', except: 'a', withinMs: 5000 };
const never = new AbortController().signal;

test('the new leader counts, whatever becomes of the answer', async () => {
  const { dcs, elect } = world();
  const request = (): Promise<void> => {
    elect('b');
    return new Promise(() => undefined);
  };
  expect(await untilLeader({ dcs }, change, never, request)).toBe('b');
});

test('a failure that may be over in a moment is not the end: Patroni is asked again', async () => {
  const { dcs, elect } = world();
  let asked = 0;
  const request = (): Promise<void> => {
    asked += 1;
    if (asked === 1) return Promise.reject(refusal(503));
    elect('b');
    return Promise.resolve();
  };
  expect(await untilLeader({ dcs }, change, never, request)).toBe('b');
  expect(asked).toBe(2);
});

test('a refusal is the end', async () => {
  const work = untilLeader(world(), change, never, () => Promise.reject(refusal(412)));
  await expect(work).rejects.toMatchObject({ code: 'operation_refused', message: 'Patroni says 412' });
});

test('a candidate that Patroni does not reach is asked for again, and is none only when that lasts', async () => {
  const { dcs, elect } = world();
  const none = new DomainError('patroni_unavailable', 'Patroni refused to switch over: 412 no good candidates have been found', { details: { status: 412 } }); // prettier-ignore
  let asked = 0;
  const request = (): Promise<void> => {
    asked += 1;
    if (asked === 1) return Promise.reject(none);
    elect('b');
    return Promise.resolve();
  };
  expect(await untilLeader({ dcs }, change, never, request)).toBe('b');
  const lasting = untilLeader(world(), { ...change, withinMs: 20_000 }, never, () => Promise.reject(none));
  await expect(lasting).rejects.toMatchObject({ code: 'operation_refused', message: none.message });
});

test('when the time is up it says so', async () => {
  const work = untilLeader(world(), { ...change, withinMs: 30 }, never, () => Promise.resolve());
  await expect(work).rejects.toThrow("'shop:n1' has no new primary after 0.03 s");
});
