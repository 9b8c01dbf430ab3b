// node forward.mjs <listen address> <port> <to address> <port>: passes TCP connections on.
import net from 'node:net';

const [listenAddress, listenPort, toAddress, toPort] = process.argv.slice(2);

net
  .createServer((incoming) => {
    const outgoing = net.connect(Number(toPort), toAddress);
    for (const [one, other] of [
      [incoming, outgoing],
      [outgoing, incoming],
    ]) {
      one.pipe(other);
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
    }
  })
  .listen(Number(listenPort), listenAddress);
