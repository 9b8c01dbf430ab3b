import { finishRotation, holdKeys } from '@windlass/resources/store';
import type { Logger } from 'pino';
import { Caretaker } from './postgres/care/caretaker.ts';
import { auditKeptOf, keptOf, type ServerConfig } from './config.ts';
import type { Connected } from './connect.ts';
import { AuditCollector } from './core/audit/collector.ts';
import { repeat } from './core/repeat.ts';
import { Sweeper } from './core/tasks/sweeper.ts';
import { untilDone } from './until-done.ts';

/** How often it is looked whether another master key is to be used. */
const ROTATE_MS = 2000;

/** Starts what a server does without being asked; the answer stops it. */
export function startRounds(
  { deps, addAttributes }: Pick<Connected, 'deps' | 'addAttributes'>,
  config: ServerConfig,
  log: Logger,
): () => void {
  const stopAdding = untilDone(addAttributes, (err) =>
    log.warn({ err }, 'Temporal does not know all search attributes yet'),
  );
  const policy = config.WINDLASS_REPAIR;
  const sweeper = new Sweeper(
    deps,
    sparingly((err) => log.warn({ err }, 'the sweeper could not finish a round')),
    keptOf(config),
  );
  const by = config.WINDLASS_SERVER_HOST ?? config.WINDLASS_SERVER_ID;
  const collector = new AuditCollector({
    ...{ deps, by, kept: auditKeptOf(config) },
    onError: sparingly((err) => log.warn({ err }, 'the audit of what was done by itself could not be written')),
  });
  const caretaker = new Caretaker({
    deps: { ...deps, doing: { by: { kind: 'server', id: by }, operation: 'repair' } },
    policy,
    tell: (databaseId, reasons) => log.warn({ databaseId, reasons, policy }, 'needs repair'),
    onError: sparingly((err) => log.warn({ err }, 'the caretaker could not finish a round')),
  });
  const told = sparingly((err) => log.warn({ err }, 'the data keys could not be wrapped anew'));
  const { kv, membership } = deps;
  const stopRotating = repeat(
    () => finishRotation(kv, membership.masterKeys),
    () => ROTATE_MS,
    told,
  );
  const stopHolding = holdKeys(kv, membership.masterKeys, { role: 'server', id: config.WINDLASS_SERVER_ID }, told);
  sweeper.start();
  caretaker.start();
  collector.start();
  return () => {
    stopAdding();
    stopRotating();
    stopHolding();
    sweeper.stop();
    caretaker.stop();
    collector.stop();
  };
}

/** The same error every second is told once a minute. */
function sparingly(tell: (err: unknown) => void): (err: unknown) => void {
  let told = { text: '', at: 0 };
  return (err) => {
    const text = String(err);
    if (text === told.text && Date.now() - told.at < 60_000) return;
    told = { text, at: Date.now() };
    tell(err);
  };
}
