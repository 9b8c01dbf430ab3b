import type Docker from 'dockerode';
import { orUndefined } from './docker-calls.ts';
import type { LogLine, LogQuery } from './ports.ts';

/** What a container wrote since then, both streams as they came. */
export async function logOf(docker: Docker, containerId: string, since: Date): Promise<string> {
  return read(docker, containerId, { tail: 500, since: since.getTime() / 1000 });
}

/** The last lines that a container wrote, each with its time. */
export async function logLinesOf(docker: Docker, containerId: string, query: LogQuery): Promise<LogLine[]> {
  const { after, since = after, most } = query;
  const text = await read(docker, containerId, {
    ...{ timestamps: true, tail: most },
    ...(since !== undefined && { since: secondsOf(since) }),
  });
  return text.split('\n').flatMap((line) => {
    const [, at = '', words = ''] = LINE.exec(line) ?? [];
    return at === '' || (after !== undefined && at <= after) ? [] : [{ at, text: words }];
  });
}

/** Docker writes times with nine digits of a second, so that they can be compared as texts. */
const LINE = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z) (.*)$/;

/** Seconds since 1970 with all digits, which a number has not. */
function secondsOf(at: string): string {
  const [, digits = '0'] = /\.(\d{1,9})Z$/.exec(at) ?? [];
  return `${String(Math.floor(Date.parse(at) / 1000))}.${digits.padEnd(9, '0')}`;
}

async function read(docker: Docker, containerId: string, options: object): Promise<string> {
  const wish = { stdout: true, stderr: true, follow: false as const, ...options };
  const log = (await orUndefined(docker.getContainer(containerId).logs(wish))) as Buffer | undefined;
  const parts: Buffer[] = [];
  for (let at = 0; log && at + 8 <= log.length; at += 8 + log.readUInt32BE(at + 4))
    parts.push(log.subarray(at + 8, at + 8 + log.readUInt32BE(at + 4)));
  return Buffer.concat(parts).toString();
}
