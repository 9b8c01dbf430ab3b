/** The text form of a value as the output function of its type writes it; a cast may be something else. */
export const outputSql = (value: string): string =>
  `CASE WHEN ${value} IS DISTINCT FROM NULL THEN pg_catalog.concat(${value}) END`;
