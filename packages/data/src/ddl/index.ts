export { wordsOf, type DdlRecord } from './record.ts';
export { resolve, type Resolved } from './resolve.ts';
export { sameStatement } from './statements.ts';
