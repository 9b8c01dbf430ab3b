import type { Step } from '../../engine/plan-types.ts';
import { refKey, type Desired } from '../../engine/resource.ts';
import { service } from '../kinds/service.ts';
import type { Hardening } from '../kinds/hardening.ts';
import { isImage } from '../spec/upgrade.ts';
import { pidsFor } from '../spec/pids.ts';
import { imageOf, type Instance } from './instances.ts';

/**
 * What the container of an instance may not do; nothing is said where its image does not say that it needs no more, or where an older
 * release made it of that image: such a container is as it was, and is not replaced.
 */
export function hardeningOf(instance: Instance): Hardening | undefined {
  const { host, node, unhardened, currentImage } = instance;
  const image = imageOf(instance);
  if (unhardened && image === currentImage) return undefined;
  if (!host.images.some((one) => one.hardens && isImage(one, image))) return undefined;
  const { writable_root, privilege_escalation, pids_limit } = node.orchestratorOpts?.swarm?.security ?? {};
  return {
    readOnlyRoot: writable_root !== true,
    noNewPrivileges: privilege_escalation !== true,
    pidsLimit: pids_limit ?? pidsFor(node.postgresqlConf),
  };
}

/** Which containers that a plan makes may do more than they need, and why, in sentences. */
export function hardeningNotes(steps: readonly Step[], desired: readonly Desired[]): string[] {
  const changed = new Set(steps.filter(({ action }) => action !== 'delete').map(({ ref }) => refKey(ref)));
  return desired.flatMap(({ ref, spec }) =>
    ref.kind === service.kind && changed.has(refKey(ref)) ? notesOf(service.spec.parse(spec)) : [],
  );
}

function notesOf({ instanceId, hardening }: { instanceId: string; hardening?: Hardening | undefined }): string[] {
  const container = `the container of '${instanceId}'`;
  if (!hardening)
    return [
      `${container} has Docker's default capabilities and a root that can be written to: its image has no label windlass.hardens, or an earlier release made it`,
    ];
  return [
    ...(hardening.readOnlyRoot ? [] : [`${container} may write to the files of its image: 'writable_root' says so`]),
    ...(hardening.noNewPrivileges
      ? []
      : [`programs in ${container} may gain privileges: 'privilege_escalation' says so`]),
  ];
}
