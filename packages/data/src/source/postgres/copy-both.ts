import type pg from 'pg';

/** What `pg` can do on its connection and its types do not say. */
interface CopyConnection extends pg.Connection {
  sendCopyFromChunk(bytes: Buffer): void;
  endCopyFrom(): void;
}

export interface CopyBothListener {
  /** The server has begun; from now on both sides may send. */
  onStart(): void;
  /** One CopyData message. The bytes are valid until this returns: `pg` writes the next ones over them. */
  onData(bytes: Buffer): void;
  /** It is over, in order or with an error. May be said more than once. */
  onEnd(error?: Error): void;
}

/**
 * A command that answers with COPY BOTH, as a query of `pg`: login, TLS and the frames of the wire protocol are its work, the bytes
 * in both directions are ours.
 */
export class CopyBoth implements pg.Submittable {
  readonly #text: string;
  readonly #listener: CopyBothListener;
  #connection: CopyConnection | undefined;

  constructor(text: string, listener: CopyBothListener) {
    this.#text = text;
    this.#listener = listener;
  }

  readonly submit = (connection: pg.Connection): void => {
    this.#connection = connection as CopyConnection;
    connection.once('replicationStart', () => this.#listener.onStart());
    connection.once('copyDone', () => this.end());
    connection.query(this.#text);
  };

  send(bytes: Buffer): void {
    this.#connection?.sendCopyFromChunk(bytes);
  }

  /** Says that we send nothing more. */
  end(): void {
    this.#connection?.endCopyFrom();
  }

  pause(): void {
    this.#connection?.stream.pause();
  }

  resume(): void {
    this.#connection?.stream.resume();
  }

  handleCopyData(message: { readonly chunk: Buffer }): void {
    this.#listener.onData(message.chunk);
  }

  handleError(error: Error): void {
    this.#listener.onEnd(error);
  }

  handleReadyForQuery(): void {
    this.#listener.onEnd();
  }

  /** The end of a stream may carry a row about the next timeline and the tag of the command: neither says anything new. */
  handleRowDescription(): void {}
  handleDataRow(): void {}
  handleCommandComplete(): void {}
}
