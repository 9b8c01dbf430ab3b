import { FIXED } from './shape.ts';
import { waitProcedures } from './sync.ts';

/**
 * What scripts for Spock 5 call, under its names, signatures and columns (5.0.7), and telling the truth about this node. Its ids of nodes are
 * our numbers; of subscriptions those of the node they read from. There is one replication set, with all tables. What is not here (making
 * nodes, subscriptions and sets) is done by the control plane.
 */
export const SPOCK = `
GRANT USAGE ON SCHEMA spock TO PUBLIC;

CREATE OR REPLACE VIEW spock.node AS
SELECT n.number::oid AS node_id, n.name::name AS node_name, NULL::text AS location, NULL::text AS country, NULL::jsonb AS info
FROM windlass.node n
WHERE n.number = (SELECT l.node FROM windlass.local l) OR n.number IN (SELECT p.number FROM windlass.peers() p);

CREATE OR REPLACE VIEW spock.local_node AS
SELECT l.node::oid AS node_id, l.node::oid AS node_local_interface FROM windlass.local l;

CREATE OR REPLACE VIEW spock.subscription AS
SELECT p.number::oid AS sub_id, pg_catalog.format('sub_%s_%s', p.name, n.name)::name AS sub_name, p.number::oid AS sub_origin, n.number::oid AS sub_target,
  p.number::oid AS sub_origin_if, n.number::oid AS sub_target_if, true AS sub_enabled, ('windlass_n' || n.number)::name AS sub_slot_name,
  '{default}'::text[] AS sub_replication_sets, '{}'::text[] AS sub_forward_origins, '0'::interval AS sub_apply_delay,
  true AS sub_force_text_transfer, '0/0'::pg_lsn AS sub_skip_lsn
FROM windlass.peers() p, windlass.local l JOIN windlass.node n ON n.number = l.node;

CREATE OR REPLACE FUNCTION windlass.known_subscription(named name) RETURNS name LANGUAGE plpgsql VOLATILE ${FIXED} AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM spock.subscription s WHERE s.sub_name = named) THEN
    RAISE EXCEPTION 'subscription "%" not found', named USING ERRCODE = 'undefined_object';
  END IF;
  RETURN named;
END $$;
REVOKE ALL ON FUNCTION windlass.known_subscription(name) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION windlass.known_subscription(name) TO windlass_helper;

-- Where a node is, only its replicator knows: no provider_dsn.
CREATE OR REPLACE FUNCTION spock.sub_show_status(subscription_name name DEFAULT NULL, OUT subscription_name text, OUT status text,
  OUT provider_node text, OUT provider_dsn text, OUT slot_name text, OUT replication_sets text[], OUT forward_origins text[])
RETURNS SETOF record LANGUAGE sql VOLATILE SECURITY DEFINER ${FIXED} AS $$
  SELECT s.sub_name::text,
    CASE WHEN p.state = 'streaming' THEN 'replicating' WHEN p.state = 'connecting' AND NOT p.is_known THEN 'initializing' ELSE 'down' END,
    p.name, NULL::text, s.sub_slot_name::text, s.sub_replication_sets, s.sub_forward_origins
  FROM (SELECT CASE WHEN $1 IS NOT NULL THEN windlass.known_subscription($1) END AS name) w, spock.subscription s
  JOIN windlass.peers() p ON p.number::oid = s.sub_origin WHERE w.name IS NULL OR s.sub_name = w.name ORDER BY p.number $$;

CREATE OR REPLACE VIEW spock.replication_set AS
SELECT v.id::oid AS set_id, l.node::oid AS set_nodeid, v.name::name AS set_name, v.rows AS replicate_insert, v.rows AS replicate_update,
  v.rows AS replicate_delete, v.rows AS replicate_truncate
FROM windlass.local l, (VALUES (1, 'default', true)) v (id, name, rows);

-- Partitioned tables by their partitions, which are there themselves.
CREATE OR REPLACE VIEW spock.replication_set_table AS
SELECT 1::oid AS set_id, r.relation::regclass AS set_reloid, NULL::text[] AS set_att_list, NULL::pg_node_tree AS set_row_filter
FROM (SELECT w.relation FROM windlass.watched w
  UNION SELECT a.relid FROM windlass.watched w, pg_catalog.pg_partition_ancestors(w.relation) a) r;

CREATE OR REPLACE VIEW spock.lag_tracker AS
SELECT p.name::name AS origin_name, n.name::name AS receiver_name, p.last_commit_time AS commit_timestamp, p.applied_lsn AS last_received_lsn,
  p.written_lsn AS remote_insert_lsn, p.lag_bytes::numeric AS replication_lag_bytes,
  pg_catalog.make_interval(secs => p.lag_ms / 1000.0::double precision) AS replication_lag, p.applied_lsn AS commit_lsn
FROM windlass.peers() p, windlass.local l JOIN windlass.node n ON n.number = l.node;

CREATE OR REPLACE FUNCTION spock.sync_event(transactional boolean DEFAULT false) RETURNS pg_lsn LANGUAGE sql VOLATILE ${FIXED}
RETURN windlass.sync_event(transactional);

GRANT USAGE ON SCHEMA spock TO windlass_helper;
ALTER FUNCTION spock.sub_show_status(name) OWNER TO windlass_helper;
${waitProcedures('spock')}
DO $$ DECLARE one text; BEGIN
  FOREACH one IN ARRAY ARRAY['node', 'local_node', 'subscription', 'replication_set', 'replication_set_table', 'lag_tracker'] LOOP
    EXECUTE pg_catalog.format('ALTER VIEW spock.%I OWNER TO windlass_helper; GRANT SELECT ON spock.%1$I TO PUBLIC', one);
  END LOOP;
END $$;
`;
