import { usesAnother } from './uses-another.ts';

const port = { ref: { kind: 'port', id: 'a' } };
const uses = (
  change: { reason: 'missing' | 'spec_changed' | 'requested'; fields: string[] } | undefined,
  kinds: string[],
  stale = false,
) => usesAnother([port, { ref: { kind: 'folder', id: 'a' } }], kinds, new Map(change && [['port::a', change]]), stale);

test.each([
  ['is changed', { reason: 'spec_changed', fields: ['port'] }, ['port'], true],
  ['is made anew', { reason: 'missing', fields: [] }, ['port'], true],
  ['is only done again', { reason: 'requested', fields: [] }, ['port'], false],
  ['stays', undefined, ['port'], false],
  ['is changed, which it does not mind', { reason: 'spec_changed', fields: ['port'] }, [], false],
] as const)('what is used %s', (_what, change, kinds, expected) => {
  expect(uses(change && { ...change, fields: [...change.fields] }, [...kinds])).toBe(expected);
});

test('something was changed in an earlier task', () => {
  expect(uses(undefined, ['port'], true)).toBe(true);
  expect(uses(undefined, ['other'], true)).toBe(false);
});
