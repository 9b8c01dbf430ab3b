import type { Clients } from '../clients/ports.ts';
import type { Context } from '../../engine/resource.ts';
import { DomainError } from '../../errors/index.ts';
import { NOBODYS } from '../inside/change-owner.ts';
import { database } from './database.ts';

const SPEC = { nodeName: 'n1', scope: 'shop:n1', databaseName: 'shop', owner: 'app' };
const EXISTS = new DomainError('postgres_rejected', 'database "shop" already exists');

/** A primary on which each look finds the next of these owners, and CREATE DATABASE fails. */
function primary(owners: (string | undefined)[], nobodys = false) {
  const statements: string[] = [];
  const query = async (text: string): Promise<unknown[]> => {
    if (text === NOBODYS) return [{ nobodys }];
    if (/^\s+SELECT|^\s*WITH/.test(text)) return []; // what else the former owner has
    if (text.startsWith('SELECT')) {
      const owner = owners.shift();
      return owner === undefined ? [] : [{ owner }];
    }
    const said = text.split(';\n').filter((one) => !/^(BEGIN|COMMIT|SET LOCAL log_.*)$/.test(one));
    statements.push(...said);
    if (text.startsWith('CREATE')) throw EXISTS;
    return [];
  };
  const clients = {
    dcs: { leader: async () => 'shop-n1-a' },
    docker: { serviceContainer: async () => ({ state: 'running', address: '10.0.0.2' }) },
    postgres: {
      session: (_target: unknown, work: (session: object) => unknown) =>
        work({ query, identifier: (name: string) => `"${name}"` }),
    },
  };
  return { statements, context: { clients, signal: new AbortController().signal } as unknown as Context<Clients> };
}

test('a database that another attempt made meanwhile is adopted', async () => {
  const { context, statements } = primary([undefined, 'app']);
  expect(await database.create(SPEC, context)).toEqual({ owner: 'app' });
  expect(statements).toEqual(['CREATE DATABASE "shop" OWNER "app"']);
});

test('when it belongs to somebody else by then, it is given to its owner', async () => {
  const { context, statements } = primary([undefined, 'windlass']);
  await database.create(SPEC, context);
  expect(statements.at(-1)).toBe('ALTER DATABASE "shop" OWNER TO "app"');
});

test('a refusal for another reason is told', async () => {
  const { context } = primary([undefined, undefined]);
  await expect(database.create(SPEC, context)).rejects.toBe(EXISTS);
});

describe('what the former owner has in the database', () => {
  // A lock is waited for no longer than this.
  const given = [
    'SET LOCAL lock_timeout = 20000',
    'REASSIGN OWNED BY "was" TO "app"',
    'ALTER DATABASE "shop" OWNER TO "app"',
  ];
  const update = async (before: string, nobodys = false) => {
    const { context, statements } = primary(['was'], nobodys);
    await database.update?.(SPEC, { spec: { ...SPEC, owner: before }, status: { owner: before } }, context);
    return statements;
  };
  test('moves with it when the spec names another owner', async () => {
    expect(await update('was')).toEqual(given);
  });
  test('moves with it when it came with a backup and is nobody', async () => {
    expect(await update('app', true)).toEqual(given);
    const { context, statements } = primary(['was']);
    await database.create(SPEC, context);
    expect(statements).toEqual(given);
  });
  test('stays where somebody gave the database away behind our back', async () => {
    expect(await update('app')).toEqual(['ALTER DATABASE "shop" OWNER TO "app"']);
  });
});
