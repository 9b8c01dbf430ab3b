import type { ResourceRecord } from '@windlass/resources/store';
import type { Declared } from '@windlass/resources/watch';

interface Contents {
  readonly nodeName?: string;
  readonly databaseName?: string;
  readonly names?: readonly string[];
  readonly roles?: readonly { readonly name: string }[];
}

const KINDS = ['postgres.database', 'postgres.extensions', 'postgres.roles'] as const;
const NOTHING: Declared = { extensions: [], roles: [] };

/** What was made inside Postgres of every node, as the stored resources say. What is being changed counts as not made. */
export class DeclaredContents {
  readonly #byKey = new Map<string, { readonly kind: (typeof KINDS)[number]; readonly spec: Contents }>();

  note(key: string, record: ResourceRecord | undefined): void {
    const kind = KINDS.find((one) => key.includes(`/${one}::`));
    if (kind === undefined) return;
    if (record?.phase === 'ready') this.#byKey.set(key, { kind, spec: record.spec as Contents });
    else this.#byKey.delete(key);
  }

  keys(): readonly string[] {
    return [...this.#byKey.keys()];
  }

  of(databaseId: string, nodeName: string): Declared {
    let found = NOTHING;
    for (const [key, { kind, spec }] of this.#byKey) {
      if (!key.startsWith(`resources/${databaseId}/`) || spec.nodeName !== nodeName) continue;
      if (kind === 'postgres.database') found = { ...found, database: spec.databaseName };
      if (kind === 'postgres.extensions') found = { ...found, extensions: spec.names ?? [] };
      if (kind === 'postgres.roles') found = { ...found, roles: (spec.roles ?? []).map(({ name }) => name) };
    }
    return found;
  }
}
