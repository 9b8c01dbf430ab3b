/** An activity as the lists of them see it. */
export type Activity = (input: never) => Promise<unknown>;

/** The same activities under the same names, each with something done around it. */
export const around = <A extends Readonly<Record<string, Activity>>>(
  activities: A,
  wrap: (name: string, activity: Activity) => Activity,
): A => Object.fromEntries(Object.entries(activities).map(([name, activity]) => [name, wrap(name, activity)])) as A;
