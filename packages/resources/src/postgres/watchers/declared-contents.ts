import type { EntityPart } from '../../engine/index.ts';
import { resourceRecords, type ResourceRecord } from '../../engine/records.ts';
import type { Declared } from '../watch/index.ts';
import { z } from 'zod';

const role = z.object({ name: z.string(), attributes: z.array(z.string()), memberOf: z.array(z.string()) });
/** What is needed of the specs of these kinds, whichever version they were stored with. */
const contents = z.object({
  nodeName: z.string(),
  databaseName: z.string().optional(),
  names: z.array(z.string()).optional(),
  roles: z.array(role).optional(),
});
type Contents = z.output<typeof contents>;

/** What a stored resource of a kind says is inside Postgres. */
const SAYS: Readonly<Record<string, (spec: Contents) => Partial<Declared>>> = {
  'postgres.database': ({ databaseName }) => ({ database: databaseName }),
  'postgres.extensions': ({ names = [] }) => ({ extensions: names }),
  'postgres.roles': ({ roles = [] }) => ({ roles }),
};
/** The kinds of which it is noted what they say. */
export const DECLARING: readonly string[] = Object.keys(SAYS);
const NOTHING: Declared = { extensions: [] };

/** What was made inside Postgres of every node, as the stored resources say. What is being changed counts as not made. */
export class DeclaredContents {
  /** The node of each key. */
  readonly #nodes = new Map<string, string>();
  readonly #said = new Map<string, Map<string, Partial<Declared>>>();

  /** `key`: that of the record. */
  note(key: string, record: ResourceRecord | undefined): void {
    const [part, ref] = resourceRecords.idOf(key);
    const says = SAYS[ref.split('::')[0] ?? ''];
    if (says === undefined) return;
    this.#forget(key);
    const { data: spec } = contents.safeParse(record?.spec);
    if (record?.phase !== 'ready' || spec === undefined) return;
    const node = `${part}/${spec.nodeName}`;
    this.#nodes.set(key, node);
    this.#said.set(node, (this.#said.get(node) ?? new Map<string, Partial<Declared>>()).set(key, says(spec)));
  }

  keys(): readonly string[] {
    return [...this.#nodes.keys()];
  }

  of(part: EntityPart, nodeName: string): Declared {
    const said = [...(this.#said.get(`${part}/${nodeName}`)?.values() ?? [])];
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
