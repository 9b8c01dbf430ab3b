import type { Clients } from '../clients/ports.ts';
import type { Configuration } from './trial-run.ts';

/** Writes the settings of a node: Patroni makes them what its members have, and starts Postgres with them. */
export async function writeSettings(
  { dcs }: Pick<Clients, 'dcs'>,
  scope: string,
  { parameters, pgHba, pgIdent }: Configuration,
): Promise<void> {
  const config = (await dcs.config(scope)) ?? {};
  const postgresql = { ...(config['postgresql'] as object | undefined), parameters, pg_hba: pgHba, pg_ident: pgIdent };
  await dcs.putConfig(scope, { ...config, postgresql });
}
