import { z } from 'zod';
import * as api from './index.ts';

const schemas = Object.entries(api).flatMap(([name, value]) =>
  value instanceof z.ZodType ? [[name, value] as const] : [],
);

interface Node {
  readonly description?: string;
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly $defs?: Readonly<Record<string, Node>>;
}

function undescribed(node: Node, path: string): string[] {
  const parts = [...Object.entries(node.properties ?? {}), ...Object.entries(node.$defs ?? {})];
  return parts.flatMap(([key, part]) => {
    const at = `${path}.${key}`;
    return [...(part.description === undefined && part.$ref === undefined ? [at] : []), ...undescribed(part, at)];
  });
}

describe('schemas for OpenAPI', () => {
  it('are many', () => expect(schemas.length).toBeGreaterThan(30));
  it.each(schemas)('%s becomes JSON schema', (_, schema) => {
    for (const io of ['input', 'output'] as const)
      expect(z.toJSONSchema(schema, { io, target: 'draft-2020-12' })).toBeTruthy();
  });
  it('describe every field of the spec', () => {
    expect(undescribed(z.toJSONSchema(api.CreateDatabaseRequest) as Node, 'CreateDatabaseRequest')).toEqual([]);
  });
  it('mark passwords as write-only and refuse unknown fields', () => {
    const text = JSON.stringify(z.toJSONSchema(api.DatabaseSpec));
    expect(text.match(/"writeOnly":true/g)?.length).toBeGreaterThanOrEqual(5);
    expect(text).toContain('"additionalProperties":false');
  });
  it('hold examples that are valid', () => {
    const [example] = (api.DatabaseSpec.meta()?.examples ?? []) as unknown[];
    expect(api.DatabaseSpec.safeParse(example).success).toBe(true);
  });
});
