export { OneByOne } from './one-by-one.ts';
export { Signal } from './signal.ts';
