import { KnownServers } from './known-servers.ts';

const look = { address: '10.0.0.1', database: 'shop', as: 'look' } as const;
const change = { address: '10.0.0.1', database: 'shop' } as const;
type Place = Parameters<KnownServers['wayTo']>[0];

/** A session there is begun as is right now, and refused. */
const refused = (servers: KnownServers, code: string, place: Place): boolean =>
  servers.learns(Object.assign(new Error('no'), { code }), place, servers.wayTo(place));
const looks = (servers: KnownServers, place: Place): boolean => servers.wayTo(place).asLooker;

test('a look is made as the looker, anything else as the superuser', () => {
  const servers = new KnownServers();
  expect([look, change, { ...change, as: 'script' as const }].map((place) => looks(servers, place))).toEqual([
    true,
    false,
    false,
  ]);
});

test.each(['28000', '28P01', '42501', '53300', '55000'])(
  'where %s refuses the looker the superuser looks, in that database, for five minutes',
  (code) => {
    let now = 0;
    const servers = new KnownServers(() => now);
    expect(refused(servers, code, look)).toBe(true);
    expect(looks(servers, look)).toBe(false);
    expect(looks(servers, { ...look, database: 'postgres' })).toBe(true);
    expect(refused(servers, code, look)).toBe(false);
    now = 300_001;
    expect(looks(servers, look)).toBe(true);
  },
);

test('of several that are refused at once each begins once more', () => {
  const servers = new KnownServers();
  const way = servers.wayTo(look);
  const refusal = Object.assign(new Error('no'), { code: '28000' });
  expect([1, 2, 3].map(() => servers.learns(refusal, look, way))).toEqual([true, true, true]);
  const older = Object.assign(new Error('no'), { code: '42704' });
  expect([1, 2].map(() => servers.learns(older, change, { ...way, asLooker: false }))).toEqual([true, true]);
});

test('who asks whether a user may log in wants to hear that none may', () => {
  const servers = new KnownServers();
  const user = { ...look, as: 'user' } as const;
  expect([looks(servers, user), refused(servers, '58P01', user)]).toEqual([true, false]);
});

test('where the superuser is refused, too, it was not about the looker, who is asked first the next time', () => {
  const servers = new KnownServers();
  expect([refused(servers, '55000', look), refused(servers, '55000', look)]).toEqual([true, false]);
  expect(looks(servers, look)).toBe(true);
});

test('a refused superuser is not tried in another way', () => {
  expect(refused(new KnownServers(), '28000', change)).toBe(false);
});

test.each(['57P03', '3D000', '08006', 'ECONNREFUSED'])('%s is the same for everybody', (code) => {
  const servers = new KnownServers();
  expect(refused(servers, code, look)).toBe(false);
  expect(looks(servers, look)).toBe(true);
});

test('a server that does not know a setting is older than 17, and is again one that may know when it was away', () => {
  const servers = new KnownServers();
  expect(refused(servers, '42704', change)).toBe(true);
  expect(servers.wayTo(change).since17).toBe(false);
  expect(looks(servers, look)).toBe(true);
  expect(refused(servers, '42704', change)).toBe(false);
  expect(refused(servers, 'ECONNREFUSED', change)).toBe(false);
  expect(servers.wayTo(change).since17).toBe(true);
});
