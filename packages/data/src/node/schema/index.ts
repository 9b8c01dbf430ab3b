import { createHash } from 'node:crypto';
import { DDL_APPLY } from './ddl-apply.ts';
import { DDL_CAPTURE, DDL_TABLES } from './ddl-capture.ts';
import { CODE, CODE_EVENTS } from './code.ts';
import { COMPUTED } from './computed.ts';
import { DESCRIBE } from './describe.ts';
import { EVENTS } from './events.ts';
import { GRANTS } from './grants.ts';
import { HELPERS, STATUS } from './helpers.ts';
import { IDS } from './ids.ts';
import { KEYS } from './keys.ts';
import { STRANGERS } from './locks.ts';
import { MAINTENANCE } from './maintenance.ts';
import { MOVE_SEQUENCES } from './move-sequences.ts';
import { SEQUENCES } from './sequences.ts';
import { REPLICATOR, RIGHTS } from './rights.ts';
import { SHAPE } from './shape.ts';
import { SOURCES } from './sources.ts';
import { SYNC } from './sync.ts';
import { TABLES, WRITER } from './tables.ts';
import { WATCH } from './watch.ts';

/** Grows when the tables change; then what was there before needs a migration here. */
export const VERSION = 1;

/** Made anew, these change nothing of what is remembered. While they are, what they are made of may be missing: nothing may fire. */
const QUIET = `
DO $$ DECLARE one name; BEGIN
  FOR one IN SELECT evtname FROM pg_catalog.pg_event_trigger WHERE evtname IN ('windlass_ddl', 'windlass_drop', 'windlass_sequence')
    OR evtname LIKE 'windlass\\_capture\\_%' LOOP
    EXECUTE pg_catalog.format('ALTER EVENT TRIGGER %I DISABLE', one);
  END LOOP;
END $$;
`;

/** All of it, in its order. To be run in one transaction. */
const HELP = [HELPERS, STATUS, SYNC, IDS, SEQUENCES, MOVE_SEQUENCES];
export const SCHEMA = [
  ...[
    QUIET,
    TABLES,
    DDL_TABLES,
    WRITER,
    REPLICATOR,
    SHAPE,
    KEYS,
    SOURCES,
    WATCH,
    MAINTENANCE,
    STRANGERS,
    COMPUTED,
    CODE,
    DESCRIBE,
    ...HELP,
    EVENTS,
    CODE_EVENTS,
  ],
  ...[DDL_APPLY, DDL_CAPTURE],
  ...[RIGHTS, GRANTS], // last: they say what of all this is for whom
].join('\n');
export const DIGEST = createHash('sha256').update(SCHEMA).digest('hex');
