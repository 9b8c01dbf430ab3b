import type { Inside } from './parts.ts';

/** TO BE JOINED. */
export const inside: Inside = {
  install: () => Promise.reject(new Error('not joined yet')),
  openApplier: () => Promise.reject(new Error('not joined yet')),
  rounds: () => ({ settle: () => Promise.resolve(), forget: () => Promise.resolve() }),
};
