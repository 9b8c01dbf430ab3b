import { accept, completed, ended } from '../client.ts';
import { drop, specOn } from './cluster.ts';
import { lab, onHost } from './lab.ts';

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
  expect([status, error]).toEqual(['failed', expect.stringMatching(/used up.*--default-addr-pool/)]);

  await giveBack();
  const again = await accept('POST', `/v1/databases/${POOR}`, { spec: specOn(POOR, { hosts: ['host-1'] }) });
  await completed(POOR, again);
  await drop(POOR);
});
