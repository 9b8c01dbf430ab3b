import { CONFLICT_IS_ONE } from '../../node/index.ts';

/**
 * Records conflicts, given as SQL for rows of: relation, key, time and node of the loser, then of the winner, what it lost to, the row that arrived, the row
 * here. A change that is rejected again, by something newer, has one record.
 */
export const recordsSql = (rows: string): string =>
  `INSERT INTO windlass.conflict AS c (relation, key, loser_time, loser_node, winner_time, winner_node, lost_to, incoming, here)
    ${rows}
    ON CONFLICT ${CONFLICT_IS_ONE} DO UPDATE SET winner_time = excluded.winner_time, winner_node = excluded.winner_node,
      lost_to = excluded.lost_to, incoming = excluded.incoming, here = excluded.here`;
