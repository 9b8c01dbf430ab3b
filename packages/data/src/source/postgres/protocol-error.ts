/** What the server sent is not what the protocol says: a bug on one of the two sides, or bytes that were damaged. Trying again does not help. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
}
