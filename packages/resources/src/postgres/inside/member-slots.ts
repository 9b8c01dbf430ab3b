/** Patroni's name of the slot of a member. Instance ids have lower-case letters, digits and hyphens only. */
export const slotOf = (instanceId: string): string => instanceId.replaceAll('-', '_');

/** Length of the digest at the end of an instance id. */
const DIGEST = 8;

/** Whether a slot is one that Patroni makes for a member of a node, `<database>:<node>`, present or past. */
export function isMemberSlot(scope: string, name: string): boolean {
  const prefix = `${scope.replaceAll(/[:-]/g, '_')}_`;
  return (
    name.startsWith(prefix) && /^[a-z0-9]+$/.test(name.slice(prefix.length)) && name.length === prefix.length + DIGEST
  );
}
