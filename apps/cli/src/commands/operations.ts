import type { Command } from 'commander';
import { accepted, type WaitFlags } from '../follow.ts';
import type { AddCommands } from '../program.ts';
import { sessionOf, type Session } from '../session.ts';

type Flags = WaitFlags & {
  readonly to?: string;
  readonly at?: string;
  readonly force?: boolean;
  readonly skipValidation?: boolean;
};

/** What is done to a running database: `switchover|failover|restart|stop|start`. */
export const addOperations: AddCommands = (program, terminal) => {
  const operation = (usage: string, says: string, act: (session: Session, id: string, part: string, flags: Flags) => Promise<unknown>) =>
    withWait(program.command(usage).description(says)).action(async (id: string, part: string, flags: Flags, command: Command) => {
      const session = sessionOf(command, terminal);
      return accepted(session, await act(session, id, part, flags), flags);
    }); // prettier-ignore
  operation('switchover <database> <node>', 'hand a node over to a replica', onNode('switchover'))
    .option('--to <instance>', 'to this one')
    .option('--at <time>', 'then, RFC 3339');
  operation('failover <database> <node>', 'a replica takes over from a primary that does not work', onNode('failover'))
    .option('--to <instance>', 'this one')
    .option('--skip-validation', 'also when the node is healthy, and when data may be lost');
  operation('restart <database> <instance>', 'restart Postgres of an instance', onInstance('restart')).option('--at <time>', 'then, RFC 3339');
  operation('stop <database> <instance>', 'end an instance until it is started', onInstance('stop-instance')).option('--force', 'also while something runs');
  operation('start <database> <instance>', 'start an instance', onInstance('start-instance')).option('--force', 'also while something runs');
}; // prettier-ignore

/** Every command that starts a task can wait for it. */
export const withWait = (command: Command): Command =>
  command.option('--wait', 'until it is done').option('--timeout <time>', 'how long to wait: 90s, 5m');

const onNode =
  (what: 'switchover' | 'failover') =>
  async (session: Session, database_id: string, node_name: string, { to, at, skipValidation }: Flags): Promise<unknown> => {
    const client = await session.client();
    const path = { database_id, node_name };
    const candidate = to === undefined ? {} : { candidate_instance_id: to };
    if (what === 'switchover') {
      const body = { ...candidate, ...(at !== undefined && { scheduled_at: at }) };
      return (await client.api.POST('/v1/databases/{database_id}/nodes/{node_name}/switchover', { params: { path }, body })).data;
    }
    const body = { ...candidate, ...(skipValidation === true && { skip_validation: true }) };
    return (await client.api.POST('/v1/databases/{database_id}/nodes/{node_name}/failover', { params: { path }, body })).data;
  }; // prettier-ignore

const onInstance =
  (what: 'restart' | 'stop-instance' | 'start-instance') =>
  async (session: Session, database_id: string, instance_id: string, { at, force }: Flags): Promise<unknown> => {
    const { api } = await session.client();
    const path = { database_id, instance_id };
    if (what === 'restart') {
      const body = at === undefined ? {} : { scheduled_at: at };
      return (await api.POST('/v1/databases/{database_id}/instances/{instance_id}/restart', { params: { path }, body })).data;
    }
    const params = { path, query: force === true ? { force } : {} };
    return (await api.POST(`/v1/databases/{database_id}/instances/{instance_id}/${what}`, { params })).data;
  }; // prettier-ignore
