import { Placement, type SwarmTask } from './swarm-placement.ts';

const task = (state: string, err = '', at = '2026-01-01T00:00:00Z', desired = 'running'): SwarmTask => ({
  Status: { State: state, Err: err, Timestamp: at },
  DesiredState: desired,
});
const taken = 'no suitable node (host-mode port already in use on 1 node)';
let clock = 0;
const placement = () => new Placement('pg', () => clock);

test('a port that stays in use is told after ten seconds with what Swarm says, not waited for', () => {
  const p = placement();
  p.check([task('pending', taken)]);
  clock += 9999;
  p.check([task('pending', taken)]);
  clock += 1;
  expect(() => p.check([task('pending', taken)])).toThrow(`Docker cannot place service 'pg': ${taken}`);
});

test('a port that the replaced container holds for a moment is waited for', () => {
  const p = placement();
  p.check([task('pending', taken)]);
  clock += 9000;
  p.check([task('preparing'), task('shutdown', taken, undefined, 'shutdown')]);
  clock += 9000;
  expect(() => p.check([task('pending', taken)])).not.toThrow();
});

test('a mount or image that a node refuses is told at once', () => {
  expect(() => placement().check([task('rejected', 'invalid mount')])).toThrow("rejected service 'pg': invalid mount");
  const [older, newer] = [task('rejected', 'no such image'), task('preparing', '', '2026-01-01T00:00:09Z')];
  expect(() => placement().check([older, newer])).not.toThrow();
  expect(() => placement().check([older, older, newer])).toThrow('no such image');
});
