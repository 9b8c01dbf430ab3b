import tls from 'node:tls';

/** What a server does with a TLS client: `accepted` when it speaks HTTP/2 to it, else the reason of the refusal. */
export function greet(
  { host = '127.0.0.1', port }: { readonly host?: string; readonly port: number },
  servername: string,
  options: tls.ConnectionOptions,
): Promise<string> {
  return new Promise((resolve) => {
    const socket = tls.connect({ host, port, servername, ALPNProtocols: ['h2'], ...options });
    socket.setTimeout(5000, () => resolve('silence'));
    socket.on('secureConnect', () => socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0'));
    socket.on('data', () => (resolve('accepted'), socket.destroy()));
    socket.on('error', (err) => resolve((err as { code?: string }).code ?? err.message));
    socket.on('end', () => resolve('closed'));
  });
}
