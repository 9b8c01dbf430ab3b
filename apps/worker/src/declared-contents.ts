import type { ResourceRecord } from '@windlass/resources/store';
import type { Declared, DeclaredRole } from '@windlass/resources/watch';

interface Contents {
  readonly nodeName?: string;
  readonly databaseName?: string;
  readonly names?: readonly string[];
  readonly roles?: readonly DeclaredRole[];
}

/** What a stored resource of a kind says is inside Postgres. */
const SAYS: Readonly<Record<string, (spec: Contents) => Partial<Declared>>> = {
  'postgres.database': ({ databaseName }) => ({ database: databaseName }),
  'postgres.extensions': ({ names = [] }) => ({ extensions: names }),
  'postgres.roles': ({ roles = [] }) => ({ roles }),
};
const NOTHING: Declared = { extensions: [] };

/** What was made inside Postgres of every node, as the stored resources say. What is being changed counts as not made. */
export class DeclaredContents {
  /** The node of each key. */
  readonly #nodes = new Map<string, string>();
  readonly #said = new Map<string, Map<string, Partial<Declared>>>();

  /** `key`: `resources/<database>/<kind>::<id>`. */
  note(key: string, record: ResourceRecord | undefined): void {
    const [, databaseId = '', ref = ''] = key.split('/');
    const says = SAYS[ref.split('::')[0] ?? ''];
    if (says === undefined) return;
    this.#forget(key);
    const spec = (record?.spec ?? {}) as Contents;
    if (record?.phase !== 'ready' || spec.nodeName === undefined) return;
    const node = `${databaseId}/${spec.nodeName}`;
    this.#nodes.set(key, node);
    this.#said.set(node, (this.#said.get(node) ?? new Map<string, Partial<Declared>>()).set(key, says(spec)));
  }

  keys(): readonly string[] {
    return [...this.#nodes.keys()];
  }

  of(databaseId: string, nodeName: string): Declared {
    const said = [...(this.#said.get(`${databaseId}/${nodeName}`)?.values() ?? [])];
    return said.reduce<Declared>((all, one) => ({ ...all, ...one }), NOTHING);
  }

  #forget(key: string): void {
    const node = this.#nodes.get(key);
    if (node === undefined || !this.#nodes.delete(key)) return;
    const said = this.#said.get(node);
    said?.delete(key);
    if (said?.size === 0) this.#said.delete(node);
  }
}
