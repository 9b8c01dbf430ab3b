import { endStrangersSql } from '../../sql/index.ts';
import { FIXED } from './shape.ts';

/** A replicator may not end sessions of others; these it may. */
export const STRANGERS = `
CREATE OR REPLACE FUNCTION windlass.end_strangers(lock int) RETURNS void LANGUAGE sql VOLATILE SECURITY DEFINER ${FIXED} AS $$
  ${endStrangersSql('lock')} $$;
`;
