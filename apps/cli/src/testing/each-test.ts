import { makeCommand, type TestCommand } from './command.ts';
import { openServer, type TestServer } from './server.ts';

/** A server with a database, and the command that asks it: new ones before each test. */
export function eachTest(use: (now: readonly [server: TestServer, cli: TestCommand]) => void): void {
  let server: TestServer | undefined;
  beforeEach(async () => {
    server = await openServer();
    use([server, makeCommand(server.url)]);
  });
  afterEach(() => server?.close());
}
