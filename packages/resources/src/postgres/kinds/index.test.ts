import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { kinds } from './index.ts';

const files = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.ts') && !/\.(i?test)\.ts$/.test(name));
const declared = files
  .map((name) => readFileSync(path.join(import.meta.dirname, name), 'utf8'))
  .flatMap((text) => [...text.matchAll(/defineResource\(\{\s*kind: '([^']+)'/g)].map((match) => match[1]));

describe('the list of kinds', () => {
  it('names every kind that a file beside it defines', () => {
    expect(declared.length).toBeGreaterThan(0);
    expect(kinds.map((kind) => kind.kind).sort()).toEqual([...declared].sort());
  });

  it('has one name a kind: lower-case and dotted', () => {
    expect(new Set(kinds.map((kind) => kind.kind)).size).toBe(kinds.length);
    for (const { kind } of kinds) expect(kind).toMatch(/^[a-z]+\.[a-z]+$/);
  });
});
