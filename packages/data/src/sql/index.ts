export { arrayText, identifier, literal, qualified } from './quote.ts';
export { NODE_OF_ORIGIN, originOf, OWN_SCHEMA, PUBLICATION, slotFor } from './names.ts';
