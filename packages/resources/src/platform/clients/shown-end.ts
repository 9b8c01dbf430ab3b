import { connect } from 'node:tls';
import { endedSentence } from '../leaves/index.ts';

const WITHIN_MS = 1500;

/**
 * What a failed connection says; where it failed as a certificate has ended, whose that is and when it ended. `host` and `port` show it
 * to whoever asks.
 */
export async function withShownEnd(err: unknown, whose: string, host: string, port: number): Promise<string> {
  const { code, message } = err as { code?: string; message?: string };
  const said = message ?? 'unknown';
  if (code !== 'CERT_HAS_EXPIRED' && !said.includes('certificate has expired')) return said;
  const ends = await shownEnd(host, port);
  return ends && ends.getTime() <= Date.now() ? endedSentence(whose, ends) : said;
}

function shownEnd(host: string, port: number): Promise<Date | undefined> {
  return new Promise((resolve) => {
    const done = (ends?: Date): void => {
      socket.destroy();
      resolve(ends);
    };
    // Nothing is said and nothing believed here: it is only looked at.
    const socket = connect({ host, port, rejectUnauthorized: false, timeout: WITHIN_MS }, () =>
      done(new Date(socket.getPeerCertificate().valid_to)),
    );
    socket.on('timeout', () => done());
    socket.on('error', () => done());
  });
}
