import type { Endpoint } from './endpoint.ts';

/** A node, as its peers know it. */
export interface NodeName {
  /** 1 to 9 and never given twice: it is part of every version. */
  readonly number: number;
  readonly name: string;
}

export interface Peer extends NodeName {
  readonly endpoint: Endpoint;
}
