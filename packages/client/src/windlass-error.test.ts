import { WindlassError } from './windlass-error.ts';

const error = (name: string, message: string) => new WindlassError({ status: 400, name, message });

test.each([
  ['nodes[0].port: must be a whole number', 'nodes[0].port'],
  ['spec.databse_name: unknown field; did you mean "database_name"?', 'spec.databse_name'],
  ['"spec" is missing from body', 'spec'],
  ['body.cpus must match the regexp "x" but got value "y"', 'cpus'],
  ['the database is busy', undefined],
])('of %j the field is %j', (message, field) => {
  expect(error('invalid_input', message).field).toBe(field);
});

test('a refusal of a login for tenants names the tenant, or says that it would have to be for all', () => {
  const limited =
    "the token 'ci', of an admin, is for the tenant 'acme' alone and does not open this, which takes a login for all tenants: do";
  const other = "tenant_id: this login is for the tenant 'acme', and not for the tenant 'globex'";
  const lacks = (message: string) => error('not_permitted', message).missingTenant;
  expect([lacks(limited), lacks(other), error('not_permitted', limited).missingRole]).toEqual([
    'all',
    'globex',
    undefined,
  ]);
});

test('a refusal for want of rights names the role, and a known one what to do', () => {
  const refused = error('not_permitted', "the token 'ci', of a viewer, does not open this, which is for operators: do");
  expect([refused.missingRole, refused.missingTenant]).toEqual(['operator', undefined]);
  expect(error('login_required', 'nobody').remedy).toContain('WINDLASS_TOKEN');
  expect(error('invalid_input', 'x').remedy).toBeUndefined();
});
