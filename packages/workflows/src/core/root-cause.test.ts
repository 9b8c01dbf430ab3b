import { ActivityFailure, ApplicationFailure, TimeoutFailure, TimeoutType } from '@temporalio/common';
import { rootCause } from './apply-plan.ts';

const said = ApplicationFailure.retryable('setting max_wal_size is 1GB, not 2GB', 'instance_not_ready');
const failed = (cause: Error) => new ActivityFailure('failed', 'applyStep', '1', 'TIMEOUT' as never, '', cause);
const timeout = (type: TimeoutType, cause?: Error) =>
  Object.assign(new TimeoutFailure('timed out', undefined, type), { cause });

test('a step whose attempts took all of its time failed for their reason, not because its host was away', () => {
  expect(rootCause(failed(timeout(TimeoutType.SCHEDULE_TO_CLOSE, said)))).toEqual({
    message: said.message,
    type: 'instance_not_ready',
  });
});

test.each([TimeoutType.SCHEDULE_TO_START, TimeoutType.HEARTBEAT, TimeoutType.START_TO_CLOSE])(
  'a host that does not answer any more is named as such: %s',
  (type) => {
    expect(rootCause(failed(timeout(type, said)))).toMatchObject({ type: 'host_unreachable' });
  },
);

test('so is one that never did', () => {
  expect(rootCause(failed(timeout(TimeoutType.SCHEDULE_TO_CLOSE)))).toMatchObject({ type: 'host_unreachable' });
});
