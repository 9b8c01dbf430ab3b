import { setTimeout as sleep } from 'node:timers/promises';
import { accept, call, completed, ended, type Task } from '../client.ts';
import { ask, drop, membersOf, specOn } from './cluster.ts';
import { HOSTS, lab, onHost } from './lab.ts';

const POOR = 'lab-poor';
const TAKEN = 'windlass-test-taken';
/** Of the lab's pool, 10.64.0.0/12, all but its first sixteen subnets. */
const LARGE = [
  '72.0.0/13',
  '68.0.0/14',
  '66.0.0/15',
  '65.0.0/16',
  '64.128.0/17',
  '64.64.0/18',
  '64.32.0/19',
  '64.16.0/20',
];
const FEW = 17;
const AT_ONCE = 50;
const ALL_WITHIN_MS = 280_000;

const giveBack = (): Promise<string> =>
  onHost('host-1', `docker network ls -q --filter label=${TAKEN} | xargs -r docker network rm`);

afterAll(async () => {
  await giveBack();
  await lab('heal', 'all');
});

test('row 30: the swarm has no subnet left: said within ten seconds, and done when there is one again', async () => {
  const create = (name: string, subnet = ''): string =>
    `docker network create -d overlay --label ${TAKEN} ${subnet} ${TAKEN}-${name}`;
  const large = LARGE.map((part, i) => create(`large-${String(i)}`, `--subnet 10.${part}`));
  const few = Array.from({ length: FEW }, (_, i) => create(`few-${String(i)}`));
  await onHost('host-1', [...large, ...few].join(' && '));

  const begun = Date.now();
  const task = await accept('POST', '/v1/databases', { id: POOR, spec: specOn(POOR, { hosts: ['host-1'] }) });
  const { status, error } = await ended(POOR, task);
  expect(Date.now() - begun).toBeLessThan(10_000);
  expect([status, error]).toEqual(['failed', expect.stringMatching(/no subnet.*--default-addr-pool/)]);

  await giveBack();
  const again = await accept('POST', `/v1/databases/${POOR}`, { spec: specOn(POOR, { hosts: ['host-1'] }) });
  await completed(POOR, again);
  await drop(POOR);
});

test('row 38: fifty databases declared at once: every one takes writes, and the API answers meanwhile', async () => {
  const ids = Array.from({ length: AT_ONCE }, (_, i) => `lab-many-${String(i)}`);
  const hostOf = (i: number): string => HOSTS[i % HOSTS.length] ?? '';
  const begun = Date.now();
  const tasks = await Promise.all(
    ids.map((id, i) => accept('POST', '/v1/databases', { id, spec: specOn(id, { hosts: [hostOf(i)] }) })),
  );
  const slowest = slowestAnswer();
  await Promise.all(ids.map((id, i) => completed(id, tasks[i] as Task, ALL_WITHIN_MS)));
  const answerMs = await slowest.stop();
  process.stderr.write(
    `row 38, ${String(AT_ONCE)} databases at once: ${String(Date.now() - begun)} ms, slowest answer ${answerMs.toFixed(0)} ms\n`,
  );
  for (const id of ids) {
    const [member] = await membersOf(id);
    if (!member) throw new Error(`${id} has no instance`);
    await ask(id, member, 'CREATE TABLE t AS SELECT 1');
  }
  await Promise.all(ids.map((id) => drop(id, ALL_WITHIN_MS)));
  expect(answerMs).toBeLessThan(3000);
});

/** Asks the API ten times a second; `stop` gives the longest time an answer took. */
function slowestAnswer(): { stop(): Promise<number> } {
  let [worst, stopped] = [0, false];
  const asking = (async () => {
    while (!stopped) {
      const begun = performance.now();
      const { status } = await call('GET', '/v1/databases');
      if (status !== 200) throw new Error(`GET /v1/databases answers ${String(status)}`);
      worst = Math.max(worst, performance.now() - begun);
      await sleep(100);
    }
  })();
  asking.catch(() => undefined); // told by stop()
  return {
    stop: async () => {
      stopped = true;
      await asking;
      return worst;
    },
  };
}
