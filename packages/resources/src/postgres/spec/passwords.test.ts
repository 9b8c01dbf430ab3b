import { passwordVersionOf, sealPasswords, type DatabaseSpec } from './index.ts';

const spec = (...users: NonNullable<DatabaseSpec['database_users']>): DatabaseSpec => ({
  database_name: 'shop',
  nodes: [{ name: 'n1', host_ids: ['host-1'] }],
  database_users: users,
});

describe('sealPasswords', () => {
  const first = sealPasswords(spec({ username: 'app', password: 'CANARY' }, { username: 'bare' }));

  it('stores no clear text', () => {
    expect(JSON.stringify([first.stored, [...first.verifiers]])).not.toContain('CANARY');
    expect([...first.verifiers.keys()]).toEqual(['app']);
    expect(passwordVersionOf(first.stored, 'app')).toMatch(/^[0-9a-f]{16}$/);
  });
  it.each([undefined, 'CANARY'])('keeps the verifier when the password is %j', (password) => {
    const again = sealPasswords(
      spec({ username: 'app', ...(password === undefined ? {} : { password }) }),
      first.verifiers,
    );
    expect(again.verifiers).toEqual(first.verifiers);
    expect(again.stored.passwordVersions).toEqual(first.stored.passwordVersions);
  });
  it('changes with the password', () => {
    const again = sealPasswords(spec({ username: 'app', password: 'other' }), first.verifiers);
    expect(again.stored.passwordVersions).not.toEqual(first.stored.passwordVersions);
  });
  it('drops users that are gone', () => {
    expect(sealPasswords(spec({ username: 'new' }), first.verifiers).verifiers.size).toBe(0);
  });
  it.each(['constructor', '__proto__', 'toString'])('a user may be called %s', (username) => {
    expect(passwordVersionOf(first.stored, username)).toBeUndefined();
    const { stored } = sealPasswords(spec({ username, password: 'x' }));
    expect(passwordVersionOf(JSON.parse(JSON.stringify(stored)) as typeof stored, username)).toMatch(/^[0-9a-f]{16}$/);
  });
});
