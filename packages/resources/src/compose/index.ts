export { compose, type ComposeContext, type StoredDatabase } from './database.ts';
