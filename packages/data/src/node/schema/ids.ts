import { FIXED } from './shape.ts';

/** 2025-01-01 in milliseconds since 1970: where the time of ids begins. */
const EPOCH = '1735689600000';

/**
 * Ids of 64 bits: 41 of milliseconds (until 2094), 6 of the node's number, 16 of a counter. Milliseconds and counter are one sequence, which
 * only ever rises: so no two ids of a node are equal, whatever the clock does. Where the sequence is behind the clock it is set to it,
 * by one session at a time; where the clock went back it counts on. A lock of a table is taken for that, which no user can take, in a
 * block that ends with an error: that alone releases a lock before the end of the transaction.
 *
 * Setting it back is what must not happen. Whoever sets it has seen it a millisecond behind, that is 65,536 ids; meanwhile others count
 * only while it is between the clock and 2 ms behind, and wait for the lock otherwise.
 */
export const IDS = `
CREATE SEQUENCE IF NOT EXISTS windlass.id_clock AS bigint MINVALUE 1 MAXVALUE 144115188075855871 NO CYCLE CACHE 1;
CREATE TABLE IF NOT EXISTS windlass.id_lock (single boolean PRIMARY KEY);
GRANT SELECT, UPDATE ON windlass.id_clock TO windlass_helper;
GRANT UPDATE, DELETE, TRUNCATE ON windlass.id_lock TO windlass_helper;

CREATE OR REPLACE FUNCTION windlass.id_milliseconds() RETURNS bigint LANGUAGE sql VOLATILE ${FIXED} AS $$
  SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint - ${EPOCH} $$;

CREATE OR REPLACE FUNCTION windlass.next_id() RETURNS bigint LANGUAGE plpgsql VOLATILE SECURITY DEFINER ${FIXED} AS $$
DECLARE
  me CONSTANT bigint := (SELECT l.node FROM windlass.local l);
  tick bigint := nextval('windlass.id_clock');
  behind bigint := floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint - ${EPOCH} - (tick >> 16);
BEGIN
  IF me > 63 THEN
    RAISE EXCEPTION 'ids have room for the numbers of nodes up to 63, this one has %', me USING ERRCODE = 'program_limit_exceeded';
  END IF;
  IF behind NOT BETWEEN 0 AND 1 THEN tick := windlass.id_tick(); END IF;
  RETURN ((tick >> 16) << 22) | (me << 16) | (tick & 65535);
END $$;

CREATE OR REPLACE FUNCTION windlass.id_tick() RETURNS bigint LANGUAGE plpgsql VOLATILE SECURITY DEFINER ${FIXED} AS $$
DECLARE
  last bigint;
  tick bigint;
BEGIN
  BEGIN
    LOCK TABLE windlass.id_lock IN EXCLUSIVE MODE;
    tick := windlass.id_milliseconds() << 16;
    SELECT c.last_value INTO last FROM windlass.id_clock c;
    IF last < tick - 65536 THEN PERFORM setval('windlass.id_clock', tick); ELSE tick := nextval('windlass.id_clock'); END IF;
    RAISE EXCEPTION USING ERRCODE = 'WL001';
  EXCEPTION WHEN SQLSTATE 'WL001' THEN RETURN tick;
  END;
END $$;
ALTER FUNCTION windlass.id_milliseconds() OWNER TO windlass_helper;
ALTER FUNCTION windlass.next_id() OWNER TO windlass_helper;
ALTER FUNCTION windlass.id_tick() OWNER TO windlass_helper;

-- What an id says.
CREATE OR REPLACE FUNCTION windlass.id_time(id bigint) RETURNS timestamptz LANGUAGE sql IMMUTABLE PARALLEL SAFE ${FIXED} AS $$
  SELECT to_timestamp(((id >> 22) + ${EPOCH}) / 1000.0) $$;
CREATE OR REPLACE FUNCTION windlass.id_node(id bigint) RETURNS int LANGUAGE sql IMMUTABLE PARALLEL SAFE ${FIXED} AS $$
  SELECT ((id >> 16) & 63)::int $$;
`;
