/** What is asked of a task that is a workflow of its own, by its type: what the workflow is told besides which task it is. */
export interface TaskInputs {
  readonly create: Nothing;
  readonly update: Update;
  readonly delete: Deletion;
  readonly upgrade: Upgrade;
  readonly switchover: Switchover;
  readonly failover: Failover;
  readonly restart_instance: Restart;
  readonly stop_instance: OneInstance;
  readonly start_instance: OneInstance;
  readonly remove_host: Nothing;
  readonly node_backup: NodeBackup;
  readonly delete_backup: OneBackup;
  readonly verify_backup: OneBackup;
  readonly restore: NodeRestores;
  readonly undo_restore: NodeRestores;
  readonly skip_transaction: SkipTransaction;
  readonly compare_nodes: CompareNodes;
  readonly drain_host: Nothing;
}

/** The entity says it all. */
type Nothing = Readonly<Record<never, never>>;

export interface Update {
  readonly force?: boolean;
  /** Ids of hosts that are taken as gone: never asked, and what is on them is given up. */
  readonly goneHosts?: readonly string[];
  /** Ids of hosts that are to leave: asked, and given up only when they do not answer. */
  readonly leavingHosts?: readonly string[];
  /** Names of nodes that are removed first, and made anew. */
  readonly remade?: readonly string[];
}

export interface Deletion {
  /** Its backups go, too; else they stay where they are. */
  readonly purgeBackups?: boolean;
}

export interface Upgrade {
  /** By name or id. */
  readonly image: string;
}

interface OfNode {
  readonly nodeName: string;
}

interface Schedulable {
  /** RFC 3339; absent: the task owns its database from the moment it was accepted. */
  readonly scheduledAt?: string;
}

export interface Switchover extends OfNode, Schedulable {
  /** The instance that is to become the primary. */
  readonly candidate?: string;
}

export interface Failover extends OfNode {
  readonly candidate?: string;
  readonly skipValidation?: boolean;
}

export interface Restart extends OfNode, Schedulable {
  readonly instanceId: string;
}

/** Of a stop or a start. */
export interface OneInstance extends OfNode {
  readonly instanceId: string;
  /** Where it is. */
  readonly hostId: string;
}

export interface NodeBackup extends OfNode {
  readonly type: 'full' | 'diff' | 'incr';
  readonly annotations: Readonly<Record<string, string>>;
  /** Options of pgBackRest; an empty value is a flag. */
  readonly options: Readonly<Record<string, string>>;
  /** One repository only, by its position from 1; all of them when absent. */
  readonly repository?: number;
  /** Whether a replica is copied from: it must be, or is when one is healthy. */
  readonly standby?: 'required' | 'preferred';
}

export interface OneBackup extends OfNode {
  readonly label: string;
  /** Position of the repository it is in, from 1. */
  readonly repository: number;
}

export interface SkipTransaction extends OfNode {
  /** Name of the peer whose transaction is left out. */
  readonly peer: string;
  readonly lsn: string;
}

/** The node is the one beside which it is done. */
export interface CompareNodes extends OfNode {
  /** `schema.name`; absent: all. */
  readonly tables?: readonly string[];
  /** The node that is right where rows differ; absent: nothing is repaired. */
  readonly repairFrom?: string;
}

export interface NodeRestores {
  /** The nodes to restore, each with its own task. */
  readonly parts: readonly { readonly nodeName: string; readonly taskId: string }[];
  /** How long the former data is kept. */
  readonly keepHours: number;
  /** Names of the other nodes: they are removed before one is restored, and made anew from it. */
  readonly remade?: readonly string[];
}
