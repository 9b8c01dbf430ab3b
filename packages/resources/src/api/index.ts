export { formatIssue, formatIssues, formatPath, nearest, type Issue } from './issues.ts';
export { characters, ID_TEXT, isCleanPath } from './texts.ts';
export * from './api-task.ts';
export { ApiError } from './api-error.ts';
export { Identifier, Timestamp } from './texts.ts';
