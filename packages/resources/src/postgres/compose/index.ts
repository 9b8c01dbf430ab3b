export { compose } from './database.ts';
export { hardeningNotes } from './hardening.ts';
export { othersNotes, unseenNotes } from './others-notes.ts';
export { outageNotes } from './outages.ts';
export { listInstances, type ComposeContext, type Instance, type StoredDatabase } from './instances.ts';
