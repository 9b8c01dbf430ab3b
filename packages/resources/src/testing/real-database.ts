import type { PostgresTarget } from '../postgres/clients/ports.ts';
import { compose, type StoredDatabase } from '../postgres/compose/index.ts';
import { kinds } from '../postgres/kinds/index.ts';
import { makeScramVerifier, passwordVersion } from '../postgres/spec/index.ts';
import { refKey, type Desired } from '../engine/resource.ts';
import { contextFor, createAll, deleteAll, kindOf } from './apply-all.ts';
import { openRealStack, type RealStack } from './real-stack.ts';

export type Spec = StoredDatabase['spec'];
const VERIFIER = makeScramVerifier('a secret of the test');

/** A database of one instance, owned by the user `app`; its name is `shop`. */
export const plainSpec: Spec = {
  database_name: 'shop',
  postgres_version: '17.6',
  nodes: [{ name: 'n1', host_ids: ['it-host'] }],
  database_users: [{ username: 'app', db_owner: true, attributes: ['LOGIN'] }],
};

/** A database on a stack of its own, changed step by step as the engine would. */
export class RealDatabase {
  readonly stack: RealStack;
  readonly id: string;
  #spec: Spec;
  #statuses = new Map<string, unknown>();

  private constructor(stack: RealStack, prefix: string, spec: Spec) {
    this.stack = stack;
    this.id = `${prefix}-${process.pid.toString(36)}`;
    this.#spec = spec;
  }

  static async create(prefix: string, spec: Spec): Promise<RealDatabase> {
    const stack = await openRealStack();
    const db = new RealDatabase(stack, prefix, spec);
    await stack.clients.secrets.put(`database/${db.id}/user/app`, VERIFIER);
    db.#statuses = new Map((await createAll(kinds, stack.clients, db.id, db.#wanted(spec))).statuses);
    return db;
  }

  /** Updates what differs from the spec of before, and the kinds named; returns the kinds of which something was. */
  async change(next: Spec, ...also: string[]): Promise<string[]> {
    const before = new Map<string, Desired>(this.#wanted(this.#spec).map((d) => [refKey(d.ref), d]));
    const isDue = (d: Desired): boolean =>
      also.includes(d.ref.kind) || JSON.stringify(before.get(refKey(d.ref))?.spec) !== JSON.stringify(d.spec);
    const steps = this.#wanted(next).filter(isDue);
    for (const d of steps) this.#statuses.set(refKey(d.ref), await this.#apply(d, before.get(refKey(d.ref))));
    this.#spec = next;
    return steps.map((d) => d.ref.kind).sort();
  }

  /** What a refresh of every resource finds out of order. */
  async drift(): Promise<string[]> {
    const found = await Promise.all(
      this.#wanted(this.#spec).map(async (d) => {
        const prior = { spec: d.spec, status: this.#statuses.get(refKey(d.ref)) };
        const seen = await kindOf(kinds, d.ref.kind).refresh(prior, this.#context(d));
        return seen === undefined ? [d.ref.kind] : seen.drift.map((field) => `${d.ref.kind} ${field}`);
      }),
    );
    return found.flat().sort();
  }

  async sql<R extends object>(text: string, database = 'postgres', as?: PostgresTarget['as']): Promise<R[]> {
    const target = { address: await this.address(), database, ...(as && { as }) };
    return this.stack.clients.postgres.session(target, (session) => session.query<R>(text));
  }

  async address(): Promise<string> {
    const service = this.#wanted(this.#spec).find((d) => d.ref.kind === 'swarm.service')?.ref.id ?? '';
    return (await this.stack.clients.docker.serviceContainer(service))?.address ?? '';
  }

  async remove(): Promise<void> {
    await deleteAll(kinds, this.stack.clients, this.id, this.#wanted(this.#spec), this.#statuses);
    await this.stack.close();
  }

  #wanted(spec: Spec): Desired[] {
    const stored = { spec, passwordVersions: { app: passwordVersion(VERIFIER) } };
    return compose(stored, { databaseId: this.id, hosts: [this.stack.host] });
  }

  async #apply(d: Desired, before: Desired | undefined): Promise<unknown> {
    const kind = kindOf(kinds, d.ref.kind);
    const prior = before && { spec: before.spec, status: this.#statuses.get(refKey(d.ref)) };
    const wanted: unknown = kind.spec.parse(d.spec);
    return prior && kind.update ? kind.update(wanted, prior, this.#context(d)) : kind.create(wanted, this.#context(d));
  }

  #context(d: Desired): ReturnType<typeof contextFor> {
    return contextFor(this.stack.clients, this.id, d.ref, this.#statuses);
  }
}
