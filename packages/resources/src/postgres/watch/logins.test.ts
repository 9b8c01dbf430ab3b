import type { PostgresPort, PostgresSession } from '../clients/ports.ts';
import { DomainError } from '../../errors/index.ts';
import type { Watched } from './check.ts';
import { logins } from './logins.ts';

const look = (loads: boolean, begin: () => Promise<never[]>) => {
  const begun: unknown[] = [];
  const session: PostgresPort['session'] = (target, work) => {
    begun.push(target.as);
    return work({ query: begin } as unknown as PostgresSession);
  };
  const ask: Watched['ask'] = (work) =>
    work({ query: () => Promise.resolve(loads ? [{}] : []) } as unknown as PostgresSession);
  const at = { ask, address: '10.0.0.1', clients: { postgres: { session } } } as unknown as Watched;
  return { found: logins.look(at), begun };
};
const refused = (sqlState: string) => () =>
  Promise.reject(
    new DomainError('postgres_rejected', 'could not access file "auto_explian"', { details: { sqlState } }),
  );
const well = () => Promise.resolve([]);

test('where nothing is loaded no session is begun', async () => {
  const { found, begun } = look(false, well);
  expect([await found, begun]).toEqual([[], []]);
});

test('what can be loaded is no matter', async () => {
  const { found, begun } = look(true, well);
  expect([await found, begun]).toEqual([[], ['user']]);
});

test('a library that is not there is a condition with the words of Postgres', async () => {
  expect(await look(true, refused('58P01')).found).toEqual([
    { type: 'logins_refused', message: 'no user can log in: could not access file "auto_explian"' },
  ]);
});

test('an instance of before, which does not know the looker, cannot be looked at', async () => {
  await expect(look(true, refused('28000')).found).rejects.toThrow('auto_explian');
});
