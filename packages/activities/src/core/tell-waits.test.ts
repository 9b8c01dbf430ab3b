import { WaitTeller } from './tell-waits.ts';

let clock = 0;
const told: string[] = [];
const open = (): WaitTeller =>
  new WaitTeller(
    (note) => Promise.resolve(void told.push(note)),
    () => clock,
  );
const after = (ms: number, teller: WaitTeller): void => {
  clock += ms;
  teller.look();
};
beforeEach(() => {
  clock = 0;
  told.length = 0;
});

test('what lasts for five seconds is told, each reason once', () => {
  const teller = open();
  teller.note('waiting for the container');
  after(4999, teller);
  expect(told).toEqual([]);
  after(1, teller);
  after(60_000, teller);
  teller.note('it is read-only');
  after(5000, teller);
  teller.note('waiting for the container');
  after(5000, teller);
  expect(told).toEqual(['waiting for the container', 'it is read-only']);
});

test('what goes on changing is progress, and not told', () => {
  const teller = open();
  for (let bytes = 0; bytes < 100; bytes += 1) {
    teller.note(`${String(bytes)} of 100 bytes`);
    after(1000, teller);
  }
  expect(told).toEqual([]);
});

test('work that says nothing of itself is told as such, and never more than a few reasons', () => {
  const teller = open();
  after(5000, teller);
  for (let i = 0; i < 20; i += 1) {
    teller.note(`reason ${String(i)}`);
    after(5000, teller);
  }
  expect([told[0], told.length]).toEqual(['', 8]);
});

test('a log that cannot be written is no reason to stop', () => {
  const teller = new WaitTeller(
    () => Promise.reject(new Error('etcd is away')),
    () => clock,
  );
  expect(() => after(5000, teller)).not.toThrow();
});
