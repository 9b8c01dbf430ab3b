import { pgbackrestError } from '../inside/pgbackrest-run.ts';

const messageOf = (stderr: string): string => pgbackrestError('backup', { exitCode: 103, stdout: '', stderr }).message;

describe('what pgBackRest said, in one line', () => {
  it('is the line of the error', () => {
    expect(messageOf("P00   WARN: slow\nP00  ERROR: [055]: unable to open missing file 'x'\nP00   INFO: end\n")).toBe(
      "pgBackRest backup: unable to open missing file 'x'",
    );
    expect(messageOf('')).toBe('pgBackRest backup: exit code 103');
  });

  it('has the reason where the first line ends before it', () => {
    const repository = 'unable to find a valid repository:';
    const reason = "repo1: [FileMissingError] unable to load info file 'archive.info'";
    expect(messageOf(`P00  ERROR: [103]: ${repository}\n            ${reason}\n`)).toBe(
      `pgBackRest backup: ${repository} ${reason}`,
    );
  });

  it('has what an object store answered, and neither the request nor what could not be decrypted', () => {
    const answer = '<Error><Code>InvalidAccessKeyId</Code><Message>No such key.</Message></Error>';
    const refused = 'HTTP request failed with 403 (Forbidden):';
    const request = '*** Path/Query ***:\nGET /bucket\n*** Request Headers ***:\nauthorization: <redacted>\n';
    expect(messageOf(`P00  ERROR: [029]: ${refused}\n${request}*** Response Content ***:\n${answer}\n`)).toBe(
      `pgBackRest backup: ${refused} No such key.`,
    );
    const garbled = messageOf("P00  ERROR: [031]: unable to load info file 'a':\nFormatError: no key: \u0001secret\n");
    expect(garbled).toBe(
      "pgBackRest backup: unable to load info file 'a': it is damaged, or encrypted with another passphrase",
    );
  });
});
