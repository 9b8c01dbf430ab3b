import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ATTRIBUTES, prepareNamespace, type Services } from './prepare-namespace.ts';

const error = (code: number, details: string): Error => Object.assign(new Error(details), { code, details });
const REQUEST = { namespace: 'windlass', retentionDays: 7, withinMs: 5000 };

/** A Temporal that knows a namespace and attributes; new attributes can be used only from the third query on. */
function openFake(known: { namespace?: boolean; attributes?: Readonly<Record<string, number>>; away?: boolean }) {
  const world = { namespace: known.namespace ?? false, attributes: { ...known.attributes }, queries: 0 };
  const calls: [string, unknown][] = [];
  const services = {
    workflowService: {
      registerNamespace: async (request: unknown) => {
        if (known.away === true) throw error(14, 'connect ECONNREFUSED');
        if (world.namespace) throw error(6, 'Namespace already exists.');
        calls.push(['register', request]);
        world.namespace = true;
      },
      describeNamespace: async () => {
        if (!world.namespace) throw error(5, 'not found');
      },
      countWorkflowExecutions: async ({ query }: { query: string }) => {
        const names = [...query.matchAll(/(\w+) = /g)].map((match) => String(match[1]));
        if (
          names.length !== Object.keys(ATTRIBUTES).length ||
          names.some((name) => world.attributes[name] === undefined)
        )
          throw error(3, 'unknown');
        if (++world.queries < 3) throw error(3, 'Namespace windlass has no mapping');
      },
    },
    operatorService: {
      listSearchAttributes: async () => ({
        customAttributes: world.attributes,
      }),
      addSearchAttributes: async (request: { searchAttributes: object }) => {
        calls.push(['add', request.searchAttributes]);
        Object.assign(world.attributes, request.searchAttributes);
      },
    },
  };
  return { services: services as unknown as Services, calls };
}

test('what is missing is made, and it waits until the attributes can be used', async () => {
  const { services, calls } = openFake({ attributes: { WindlassTenantId: 2 } });
  const told: string[] = [];
  await prepareNamespace(services, REQUEST, (what) => told.push(what));
  expect(calls).toEqual([
    ['register', { namespace: 'windlass', workflowExecutionRetentionPeriod: { seconds: 604_800 } }],
    ['add', { WindlassDatabaseId: 2, WindlassEntity: 2, WindlassTaskType: 2, WindlassHostId: 7 }],
  ]);
  expect(told).toEqual(['waiting: Namespace windlass has no mapping', 'namespace windlass is ready']);
});

test('run again it changes nothing', async () => {
  const { services, calls } = openFake({ namespace: true, attributes: ATTRIBUTES });
  await prepareNamespace(services, REQUEST, () => undefined);
  expect(calls).toEqual([]);
});

test('a Temporal that stays away ends it, with the reason', async () => {
  const { services } = openFake({ away: true });
  await expect(prepareNamespace(services, { ...REQUEST, withinMs: 300 }, () => undefined)).rejects.toThrow(
    'namespace windlass is not ready after 300 ms: connect ECONNREFUSED',
  );
});

test('an attribute of another type is not taken for ours', async () => {
  const { services } = openFake({ attributes: { WindlassHostId: 2 } });
  await expect(prepareNamespace(services, { ...REQUEST, withinMs: 300 }, () => undefined)).rejects.toThrow(
    'search attributes exist with another type: WindlassHostId',
  );
});

test("the attributes are the ones that bin/up's Temporal is told", () => {
  const told = readFileSync(path.join(__dirname, '../../../bin/lib/temporal.args'), 'utf8').matchAll(
    /^(Windlass\w+)=(\w+)$/gm,
  );
  const types: Record<string, number> = { Keyword: 2, KeywordList: 7 };
  expect(ATTRIBUTES).toEqual(Object.fromEntries([...told].map(([, name, type]) => [name, types[String(type)]])));
});
