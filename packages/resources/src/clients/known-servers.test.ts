import { KnownServers } from './known-servers.ts';

const look = { address: '10.0.0.1', database: 'shop', as: 'look' } as const;
const change = { address: '10.0.0.1', database: 'shop' } as const;
const refusal = (code: string): Error => Object.assign(new Error('no'), { code });

test('a look is made as the looker, anything else as the superuser', () => {
  const servers = new KnownServers();
  expect([servers.looks(look), servers.looks(change), servers.looks({ ...look, as: undefined as never })]).toEqual([
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
    expect(servers.learns(refusal(code), look)).toBe(true);
    expect(servers.looks(look)).toBe(false);
    expect(servers.looks({ ...look, database: 'postgres' })).toBe(true);
    expect(servers.learns(refusal(code), look)).toBe(false);
    now = 300_001;
    expect(servers.looks(look)).toBe(true);
  },
);

test('who asks whether a user may log in wants to hear that none may', () => {
  const servers = new KnownServers();
  const user = { ...look, as: 'user' } as const;
  expect([servers.looks(user), servers.learns(refusal('58P01'), user)]).toEqual([true, false]);
});

test('a refused superuser is not tried in another way', () => {
  expect(new KnownServers().learns(refusal('28000'), change)).toBe(false);
});

test.each(['57P03', '3D000', '08006', 'ECONNREFUSED'])('%s is the same for everybody', (code) => {
  const servers = new KnownServers();
  expect(servers.learns(refusal(code), look)).toBe(false);
  expect(servers.looks(look)).toBe(true);
});

test('a server that does not know a setting is older than 17, and is again one that may know when it was away', () => {
  const servers = new KnownServers();
  expect(servers.learns(refusal('42704'), change)).toBe(true);
  expect(servers.knows17(change.address)).toBe(false);
  expect(servers.looks(look)).toBe(true);
  expect(servers.learns(refusal('42704'), change)).toBe(false);
  expect(servers.learns(refusal('ECONNREFUSED'), change)).toBe(false);
  expect(servers.knows17(change.address)).toBe(true);
});
