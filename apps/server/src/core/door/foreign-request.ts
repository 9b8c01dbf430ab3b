import type { IncomingHttpHeaders } from 'node:http';
import { DomainError } from '@windlass/resources/errors';

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/**
 * Refuses what a page of another site has a browser send: `foreign_request`. Browsers say where a page is from in
 * `Origin` and `Sec-Fetch-Site`; programs send neither.
 */
export function refuseOtherSites(headers: IncomingHttpHeaders): void {
  const { origin, host = '', 'sec-fetch-site': site } = headers;
  if (origin !== undefined && hostOf(origin) !== hostOf(`http://${host}`)) throw refused(`origin '${cut(origin)}'`);
  if (site === 'cross-site' || site === 'same-site') throw refused('a page of another site');
}

/**
 * Refuses a name that is none of this server's: a name of somebody else's that leads to 127.0.0.1 would make a page of theirs
 * one of ours (DNS rebinding). The port may differ, as in a tunnel.
 */
export function refuseOtherNames({ host }: IncomingHttpHeaders, publicNames: readonly string[]): void {
  const name = host === undefined ? undefined : nameOf(`http://${host}`);
  if (name !== undefined && (LOOPBACK.test(name) || publicNames.includes(name))) return;
  throw refused(`host '${cut(host ?? '')}'`);
}

/** Host and port of a URL; `undefined` for what is none, as the origin `null`. */
const hostOf = (url: string): string | undefined => parse(url)?.host;

/** The name alone, lower-case. */
export const nameOf = (url: string): string | undefined => parse(url)?.hostname;

function parse(url: string): URL | undefined {
  return URL.canParse(url) ? new URL(url) : undefined;
}

const cut = (text: string): string => text.slice(0, 100);

const refused = (what: string): DomainError =>
  new DomainError(
    'foreign_request',
    `${what} may not ask this server: call it as localhost or 127.0.0.1, or set WINDLASS_PUBLIC_URL to the name it has`,
  );
