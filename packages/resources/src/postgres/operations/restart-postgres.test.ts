import { restartPostgres } from './index.ts';
import { fake, run } from '../../testing/node-fixture.ts';

it('an instance whose container does not run cannot be restarted', async () => {
  const restart = restartPostgres(fake, { instanceId: 'a', startedAt: 'then' }, run);
  await expect(restart).rejects.toMatchObject({ code: 'operation_refused' });
});
