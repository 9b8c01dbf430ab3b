import type { Route } from '../route.ts';

/** Which methods a path knows; none when no route has it. */
export function createMethodTable(routes: readonly Pick<Route, 'method' | 'url'>[]): (path: string) => string[] {
  const table = routes.map(({ method, url }) => ({ method, pattern: patternOf(url) }));
  return (path) => [...new Set(table.filter((row) => row.pattern.test(path)).map((row) => row.method))].sort();
}

/** Of the router's syntax: `:name`, `:name(pattern)` and `::` for a colon. */
function patternOf(url: string): RegExp {
  const text = url
    .replaceAll('::', '\0')
    .replace(/:\w+(\([^)]*\))?/g, '[^/]+')
    .replaceAll('\0', ':');
  return new RegExp(`^${text}$`);
}
