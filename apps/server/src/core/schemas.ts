type JsonObject = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const COMPONENTS = '#/components/schemas/';

/**
 * JSON Schemas of declarations, by kind, made of the OpenAPI document: what can be created and planned can be declared, and a document
 * of a file is the body of the request that creates it, with its kind, and with an id in any case.
 */
export function declarationSchemas(document: unknown): ReadonlyMap<string, JsonObject> {
  const paths = objectAt(document, 'paths');
  const schemas = objectAt(document, 'components', 'schemas');
  const found = new Map<string, JsonObject>();
  for (const path of Object.keys(paths)) {
    const [, plural = '', id = ''] = /^\/v1\/([a-z-]+)\/\{([a-z_]+)_id\}$/.exec(path) ?? [];
    const body = objectAt(paths, `/v1/${plural}`, 'post', 'requestBody', 'content', 'application/json', 'schema');
    if (!(`/v1/${plural}:plan` in paths) || Object.keys(body).length === 0) continue;
    const kind = id.replaceAll('_', '-');
    found.set(kind, schemaOf(kind, body, schemas));
  }
  return found;
}

function schemaOf(kind: string, body: JsonObject, schemas: JsonObject): JsonObject {
  const { properties, required, description: _, ...rest } = resolved(body, schemas);
  const own = {
    ...rest,
    type: 'object',
    properties: { kind: { const: kind, description: 'What it is.' }, ...(isObject(properties) && properties) },
    required: [...new Set(['kind', 'id', ...(Array.isArray(required) ? (required as unknown[]) : [])])],
  };
  const defs: Record<string, unknown> = {};
  function visit(name: string): void {
    if (name in defs) return;
    defs[name] = true;
    defs[name] = moveReferences(schemas[name], visit);
  }
  const moved = moveReferences(own, visit);
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: `${kind} of Windlass`,
    ...(isObject(moved) && moved),
    $defs: defs,
  };
}

function resolved(schema: JsonObject, schemas: JsonObject): JsonObject {
  const { $ref } = schema;
  return typeof $ref === 'string' ? objectAt(schemas, $ref.slice(COMPONENTS.length)) : schema;
}

/** The same with references into the schema itself; each is told by its name. */
function moveReferences(value: unknown, refers: (name: string) => void): unknown {
  if (Array.isArray(value)) return value.map((one) => moveReferences(one, refers));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => {
      if (key !== '$ref' || typeof one !== 'string' || !one.startsWith(COMPONENTS))
        return [key, moveReferences(one, refers)];
      const name = one.slice(COMPONENTS.length);
      refers(name);
      return [key, `#/$defs/${name}`];
    }),
  );
}

function objectAt(value: unknown, ...steps: readonly string[]): JsonObject {
  let at: unknown = value;
  for (const step of steps) at = isObject(at) ? at[step] : undefined;
  return isObject(at) ? at : {};
}
