import { backup } from './backup.mjs';
import { burst } from './burst.mjs';
import { engine } from './engine.mjs';
import { failover } from './failover.mjs';
import { fleet } from './fleet.mjs';
import { ha } from './ha.mjs';
import { idle } from './idle.mjs';
import { lifecycle } from './lifecycle.mjs';
import { many } from './many.mjs';
import { nodes } from './nodes.mjs';
import { overload } from './overload.mjs';
import { plan } from './plan.mjs';
import { replica } from './replica.mjs';
import { replication } from './replication.mjs';
import { rolling } from './rolling.mjs';
import { switchover } from './switchover.mjs';
import { up } from './up.mjs';

/** Each: hosts it needs, usual repeats, minutes after which it ends, and `run`. */
export const GROUPS = {
  lifecycle,
  engine,
  plan,
  up,
  idle,
  ha,
  failover,
  switchover,
  rolling,
  replica,
  burst,
  many,
  fleet,
  backup,
  nodes,
  overload,
  replication,
};
