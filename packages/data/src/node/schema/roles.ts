/** A role that is not there is made; roles are of all databases of a server. */
export const makeRole = (name: string, options: string): string => `DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = '${name}') THEN
    CREATE ROLE ${name} ${options};
  END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; -- another database of this server was quicker
END $$;
`;

/** A role as which nobody logs in, and that may do nothing by itself. */
export const makePowerless = (name: string): string => `${makeRole(name, 'NOLOGIN NOINHERIT')}
ALTER ROLE ${name} NOSUPERUSER NOLOGIN NOCREATEROLE NOCREATEDB NOREPLICATION NOBYPASSRLS;
`;
