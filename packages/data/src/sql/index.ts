export { clientOf } from './client.ts';
export { endStrangersSql, giveLock, LOCKS, lockSql, takeLock, tryLock } from './locks.ts';
export { arrayText, identifier, literal, qualified } from './quote.ts';
export { MAKE_ORIGIN, nodeOfName, originOf, OWN_SCHEMA, PUBLICATION, slotFor } from './names.ts';
export { asOptions, asStatements, TEXT_SETTINGS } from './settings.ts';
export { nodeOf, readOrigins, type Origins } from './versions.ts';
export {
  asOwner,
  asRoleSql,
  codeSignature,
  gateSql,
  inlined,
  noChangeSql,
  sameCodeSql,
  type Read,
} from './user-code.ts';
export { keyTexts, needsFolding, shortKey, type Folded, type KeyKind } from './keys.ts';
