/** A column of a table as the applier writes it. */
export interface ColumnHere {
  readonly name: string;
  /** The type without its modifier, as SQL reads it. */
  readonly type: string;
  /** Whether there are arrays of it; there are none of arrays. */
  readonly hasArray: boolean;
  /** GENERATED ALWAYS AS IDENTITY: an UPDATE cannot set it. */
  readonly identityAlways: boolean;
}

/** A unique index beside the key. */
export interface UniqueIndex {
  readonly name: string;
  readonly columns: readonly string[];
  /** It has expressions or a condition: which rows collide is not known from their columns. */
  readonly odd: boolean;
  /** Postgres does not check it where the applier writes: its check is a trigger. */
  readonly deferrable: boolean;
}

/** A table as it is here. */
export interface TableHere {
  readonly schema: string;
  readonly name: string;
  /** Both, quoted. */
  readonly sql: string;
  readonly kind: 'table' | 'partitioned' | 'other';
  /** All but generated ones. */
  readonly columns: readonly ColumnHere[];
  readonly generated: readonly string[];
  /** How many columns have been dropped of it. */
  readonly dropped: number;
  /** In the order of the index; none: the table has no key. */
  readonly key: readonly string[];
  readonly unique: readonly UniqueIndex[];
}
