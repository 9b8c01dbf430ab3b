export * from './hostile-names.ts';
export * from './hostile-lines.ts';
