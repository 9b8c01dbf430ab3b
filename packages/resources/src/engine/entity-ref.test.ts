import { entityKey, entityOfPart, parseEntityKey, partOf } from './entity-ref.ts';

const entities = [
  { kind: 'database', id: 'shop' },
  { kind: 'pipeline', id: 'shop' },
  { kind: 'host', id: 'host-1' },
];

test.each(entities)('$kind/$id is read as it is printed, and has a part of keys of its own', (entity) => {
  expect(parseEntityKey(entityKey(entity))).toEqual(entity);
  expect(entityOfPart(partOf(entity))).toEqual(entity);
});

test('two entities of one id and two kinds share no key; databases keep theirs', () => {
  expect(new Set(entities.map(partOf)).size).toBe(entities.length);
  expect(partOf({ kind: 'database', id: 'shop' })).toBe('shop');
});

test.each(['', 'shop', 'database/', '/shop', 'a/b/c'])('%j is no entity', (text) => {
  expect(() => parseEntityKey(text)).toThrow('is no entity');
});
