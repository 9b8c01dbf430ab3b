import { ProtocolError } from './protocol-error.ts';
import type { Oid, RelationColumn, RelationMessage, ReplicaIdentity, TypeMessage } from './messages.ts';

/** A column with the name of its type, where the server told it: it does for types that are not built in. */
export interface Column extends RelationColumn {
  readonly typeName?: { readonly namespace: string; readonly name: string };
}

/** A table as it was when its rows were written. Another object whenever anything of it has changed. */
export interface Relation {
  readonly oid: Oid;
  readonly namespace: string;
  readonly name: string;
  readonly replicaIdentity: ReplicaIdentity;
  readonly columns: readonly Column[];
}

/**
 * What the server told about tables and types. It tells a table before the first row of it and again after every change of its
 * shape, so the last word counts. A transaction that was streamed before its commit has words of its own: a cache above this one,
 * whose words count here from its commit on.
 */
export class RelationCache {
  readonly #relations = new Map<Oid, Relation>();
  readonly #types = new Map<Oid, { namespace: string; name: string }>();
  readonly #below: RelationCache | undefined;
  /** The place, among all messages, of the one that told each table. */
  readonly #told = new Map<Oid, number>();

  constructor(below?: RelationCache) {
    this.#below = below;
  }

  /** `at`: the place of the message among all messages of the session. */
  define(message: RelationMessage, at: number): void {
    const { oid, namespace, name, replicaIdentity } = message;
    const columns = message.columns.map((column) => this.#withTypeName(column));
    this.#relations.set(oid, { oid, namespace, name, replicaIdentity, columns });
    this.#told.set(oid, at);
  }

  defineType({ oid, namespace, name }: TypeMessage): void {
    this.#types.set(oid, { namespace, name });
  }

  /** Throws `ProtocolError` when the server never told of it. */
  get(oid: Oid): Relation {
    const found = this.#find(oid);
    if (!found) throw new ProtocolError(`a row is of the relation ${String(oid)}, which the server did not tell`);
    return found;
  }

  /** Takes over what a streamed transaction was told, but for tables that were told here later than there. */
  absorb(above: RelationCache): void {
    for (const [oid, type] of above.#types) this.#types.set(oid, type);
    for (const [oid, relation] of above.#relations) {
      const at = above.#told.get(oid) ?? 0;
      if (at < (this.#told.get(oid) ?? 0)) continue;
      this.#relations.set(oid, relation);
      this.#told.set(oid, at);
    }
  }

  #find(oid: Oid): Relation | undefined {
    return this.#relations.get(oid) ?? (this.#below ? this.#below.#find(oid) : undefined);
  }

  #typeName(oid: Oid): { namespace: string; name: string } | undefined {
    return this.#types.get(oid) ?? (this.#below ? this.#below.#typeName(oid) : undefined);
  }

  #withTypeName(column: RelationColumn): Column {
    const typeName = this.#typeName(column.typeOid);
    return typeName ? { ...column, typeName } : column;
  }
}
