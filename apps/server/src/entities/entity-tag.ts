/** The revision as an entity tag. */
export const etagOf = (revision: number | string | undefined): string => `"${String(revision)}"`;
