import { domainErrorOf } from '../errors/index.ts';
import { entityKey, entityOfPart, isEntityRef, parseEntityKey, partOf } from './entity-ref.ts';

const codeOf = (text: string): string | undefined => {
  try {
    parseEntityKey(text);
    return undefined;
  } catch (err) {
    return domainErrorOf(err)?.code;
  }
};

describe('the address of an entity', () => {
  it.each([
    ['database', 'shop'],
    ['host', 'host-1'],
    ['change-stream', '018f-orders'],
    ['stream', 'a'.repeat(36)],
  ])('is read as it was printed: %s/%s', (kind, id) => {
    expect(parseEntityKey(entityKey({ kind, id }))).toEqual({ kind, id });
    expect(isEntityRef({ kind, id })).toBe(true);
  });

  it.each([
    '', '/', 'database', 'database/', '/shop', 'database/shop/', 'database/a/b', 'database.x/shop', 'Database/shop',
    'database/sh op', 'database/..', 'database/shop:n1', 'database/shop\n', 'database/-shop', 'database/shop-', 'database/a--b',
    `database/${'a'.repeat(64)}`,
  ])('is nothing else: %j', (text) => expect(codeOf(text)).toBe('invalid_input')); // prettier-ignore

  it.each([undefined, null, 'database/shop', {}, { kind: 'database' }, { kind: 'database', id: 1 }, { kind: 'a.b', id: 'c' }])(
    'no value but one with both words: %j',
    (value) => expect(isEntityRef(value)).toBe(false),
  ); // prettier-ignore
});

describe('the part of keys that stands for an entity', () => {
  const entities = [
    { kind: 'database', id: 'shop' },
    { kind: 'pipeline', id: 'shop' },
    { kind: 'host', id: 'host-1' },
  ];

  it.each(entities)('is that of $kind/$id alone', (entity) =>
    expect(entities.filter((other) => partOf(other) === partOf(entity))).toEqual([entityOfPart(partOf(entity))]),
  );

  it('is what it was for databases', () => expect(partOf({ kind: 'database', id: 'shop' })).toBe('shop'));
});
