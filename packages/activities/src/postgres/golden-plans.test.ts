import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { databaseEntity } from '@windlass/resources/entity';
import { partOf, planRecords } from '@windlass/resources/engine';
import path from 'node:path';
import { loadSqlParser, validateSpec, validateUpdate } from '@windlass/resources/postgres/spec';
import type { PlacedStep } from '../core/place-steps.ts';
import { planChange } from '../core/plan-change.ts';
import { CHANGES } from '../testing/golden-changes.ts';
import { at } from '../testing/golden-specs.ts';
import { DATABASE, depsOf, type Change } from '../testing/golden-world.ts';
import type { StoredPlan } from '@windlass/resources/records';

const FOLDER = path.join(import.meta.dirname, '../testing/golden');
const fileOf = ({ name }: Pick<Change, 'name'>): string => path.join(FOLDER, `${name}.txt`);
/** UPDATE_GOLDEN=1 writes the files instead of comparing with them. */
const rewrites = process.env['UPDATE_GOLDEN'] === '1';

beforeAll(loadSqlParser);

/** The plan as users see it, each step with its turn: it begins when the steps of earlier turns that it needs are done. */
async function textOf(change: Change): Promise<string> {
  const { before, findings = [], away = [], gone, image, only, purgeBackups } = change;
  const { deps, revision } = await depsOf(change, before && at(1));
  const { steps } = await planChange(deps)({
    entity: { kind: 'database', id: DATABASE },
    taskId: 't',
    findings,
    unreachable: away.map((host) => `host.${host}`),
    ...(revision !== undefined && { revision }),
    ...(gone && { givenUpHosts: gone }),
    ...(image !== undefined && { image }),
    ...(only && { only }),
    ...(purgeBackups !== undefined && { purgeBackups }),
  });
  const { sentences } = (await deps.kv.get(planRecords.key(partOf(databaseEntity(DATABASE)), 't')))
    ?.value as StoredPlan;
  const turns = turnsOf(steps);
  const lines = steps.map((step, i) => ({ turn: turns[i] ?? 0, text: `${sentences[i] ?? ''} [${placeOf(step)}]` }));
  const ordered = lines.sort((a, b) => a.turn - b.turn).map(({ turn, text }) => `${String(turn).padStart(2)}  ${text}`);
  return [`${change.what}\n`, ...ordered, ...sentences.slice(steps.length).map((line) => `    ${line}`), ''].join('\n');
}

const placeOf = ({ queue, executor }: PlacedStep): string =>
  queue?.replace(/^host\./, '') ?? (executor.on === 'primary' ? `primary of ${executor.node}` : executor.on);

function turnsOf(steps: readonly PlacedStep[]): number[] {
  const turns: number[] = [];
  const last = (positions: readonly number[]): number => Math.max(0, ...positions.map((p) => turns[p] ?? 0));
  for (const { after, afterAny = [] } of steps)
    turns.push(1 + Math.max(last(after), ...afterAny.map((group) => Math.min(...group.map(last)))));
  return turns;
}

describe('the plan of', () => {
  it.each(CHANGES.map((change) => [change.name, change] as const))('%s', async (_name, change) => {
    const text = await textOf(change);
    if (rewrites) writeFileSync(fileOf(change), text);
    expect(text).toBe(readFileSync(fileOf(change), 'utf8'));
    expect(await textOf(change)).toBe(text);
  });

  it('every file that is kept', () => {
    expect(readdirSync(FOLDER).sort()).toEqual(CHANGES.map(({ name }) => `${name}.txt`).sort());
  });

  it.each(CHANGES.map((change) => [change.name, change] as const))('%s, which the API accepts', (_name, change) => {
    for (const world of [change.before, change.after])
      if (world) expect(validateSpec(world.spec)).toMatchObject({ spec: {} });
    if (change.before && change.after)
      expect(validateUpdate(change.before.spec, change.after.spec, { databaseId: DATABASE })).toMatchObject({
        spec: {},
      });
  });
});
