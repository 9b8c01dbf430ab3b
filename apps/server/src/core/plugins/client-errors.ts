import type { Socket } from 'node:net';
import { problemOf } from './problem.ts';

const STATUSES: Readonly<Record<string, readonly [number, string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'Request Header Fields Too Large'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'Request Timeout'],
};

/** Answers bytes that are no HTTP request, where no route or reply exists yet, and closes the connection. */
export function answerClientError(err: NodeJS.ErrnoException, socket: Socket): void {
  if (err.code === 'ECONNRESET' || socket.destroyed) return;
  const [status, reason] = STATUSES[err.code ?? ''] ?? [400, 'Bad Request'];
  const body = `${JSON.stringify(problemOf(status, { name: 'bad_request', message: reason.toLowerCase() }))}\n`;
  const head = [
    `HTTP/1.1 ${String(status)} ${reason}`,
    'Content-Type: application/problem+json',
    `Content-Length: ${String(Buffer.byteLength(body))}`,
    'Connection: close',
  ];
  if (socket.writable) socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  socket.destroy(err);
}
