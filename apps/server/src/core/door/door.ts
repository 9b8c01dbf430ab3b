import { TLSSocket } from 'node:tls';
import type { FastifyInstance } from 'fastify';
import { DomainError } from '@windlass/resources/errors';
import type { ManyDeps } from '../unreadable-records.ts';
import { needsMetBy, type Needs } from './needs.ts';
import { callerOf, nameShown } from './caller.ts';
import { refuseOtherNames, refuseOtherSites } from './foreign-request.ts';

const REMEDY =
  'show the certificate of an operator or a server of this cluster (curl --cert root.crt --key root.key --cacert ca.crt), or ask on ' +
  'the machine of the server at http://127.0.0.1; docs/operations.md, "Who may call the API"';

/**
 * The one place that decides who may call. Before anything else of a request is looked at, of every path: one that says
 * nothing about itself, or is not there, is for operators and servers. Plain http is on loopback only, see listen.ts.
 */
export function installDoor(app: FastifyInstance, deps: ManyDeps, publicNames: readonly string[]): void {
  app.addHook('onRequest', async ({ headers, raw: { socket }, routeOptions }) => {
    refuseOtherSites(headers);
    if (!(socket instanceof TLSSocket)) return refuseOtherNames(headers, publicNames);
    await refuseStrangers(deps, nameShown(socket), routeOptions.config.needs ?? 'control');
  });
}

async function refuseStrangers(deps: ManyDeps, name: string, needed: Needs): Promise<void> {
  if (needed === 'open') return;
  const caller = await callerOf(deps, name);
  if (caller === undefined) throw new DomainError('certificate_required', `${whatIsWrong(name)}: ${REMEDY}`);
  if (caller === 'operator' || needed === 'member' || needsMetBy(caller) === 'control') return;
  throw new DomainError('not_permitted', `the certificate of host '${caller.id}' does not open this: ${REMEDY}`);
}

const whatIsWrong = (name: string): string =>
  name === ''
    ? 'nobody may ask this without a client certificate'
    : `the certificate of '${name.slice(0, 64)}' belongs to no host, server or operator of this cluster`;
