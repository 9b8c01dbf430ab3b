import tseslint from 'typescript-eslint';

/** Workspaces whose stored records are all read and written through their collections. */
const TYPED = ['packages/resources', 'packages/activities', 'apps/replicator', 'apps/server', 'apps/worker'];
const TESTS = ['**/*.{test,itest,wtest,fixtures}.ts', '**/testing/**'];
/** The first part of every stored key: a collection's prefix each. */
const STORED =
  'api-token-uses|api-tokens|audit|audit-intents|audit-marks|backup-catalogues|backup-checks|backup-schedules|comparison-wishes|comparisons|data-keys|databases|drains|entities|heartbeats|hosts|idempotency|instance-status|' +
  'join-tokens|kept-backups|leftovers|master-key-holders|members|outbox|plans|ports|proposals|references|removals|resources|restores|' +
  'secrets|specs|swaps|takeovers|task-logs|tasks|wrapped-keys';

const key = (selector) => ({ selector, message: 'The key of a stored record is made by its collection.' });
const cast = (selector) => ({
  selector,
  message: 'A stored value is read through its collection: get, list, row, parse.',
});
const KEYS = [
  key(`Literal[value=/^(${STORED})\\u002F/]`),
  key(`TemplateLiteral[quasis.0.value.raw=/^(${STORED})\\u002F/]:not(NewExpression[callee.name="Collection"] > *)`),
];
const CASTS = [
  cast('TSAsExpression[expression.type="Identifier"][expression.name="value"]'),
  cast('TSAsExpression[expression.type="MemberExpression"][expression.property.name="value"]'),
  cast('TSAsExpression[expression.type="ChainExpression"][expression.expression.property.name="value"]'),
];
const PARSED = {
  selector: 'TSAsExpression[expression.callee.object.name="JSON"][expression.callee.property.name="parse"]',
  message: 'JSON is parsed by a schema: a cast only hopes.',
};
const restricted = (where, ...what) => ({
  files: where,
  ignores: TESTS,
  rules: { 'no-restricted-syntax': ['error', ...what] },
});
const inResources = (...paths) => paths.map((path) => `packages/resources/src/${path}`);

/** A program for each workspace that has a file to look at; for all of them, one program is half the work: WINDLASS_LINT_WHOLE. */
const TYPES = process.env.WINDLASS_LINT_WHOLE ? { project: 'tsconfig.all.json' } : { projectService: true };

/** Type-aware: a promise nobody waits for is a bug that no test finds. */
export default tseslint.config(
  { ignores: ['**/dist/**', '**/node_modules/**', '.windlass/**', '**/*.cjs', '**/*.mjs', '**/*.js'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommended],
    languageOptions: { parserOptions: { ...TYPES, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: false }],
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', destructuredArrayIgnorePattern: '^_' },
      ],
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      eqeqeq: 'error',
      'no-console': 'error',
    },
  },
  restricted(
    TYPED.map((workspace) => `${workspace}/src/**/*.ts`),
    ...KEYS,
    ...CASTS,
    PARSED,
  ),
  // What Docker, Patroni and pgBackRest answer is not stored.
  restricted(
    inResources('platform/clients/**', 'postgres/clients/**', 'postgres/backups/catalogue.ts'),
    ...KEYS,
    ...CASTS,
  ),
  // These know no stored record: what is called a value there is something else.
  restricted(inResources('store/**', 'api/**', 'postgres/spec/**'), ...KEYS),
  // What a client sends is not stored.
  restricted(['apps/server/src/core/wire-*.ts'], ...KEYS, PARSED),
  // What an older program stored has no collection any more.
  restricted(inResources('store/migrations/**'), ...CASTS),
  // Keys without a collection; Patroni's own keys.
  restricted(inResources('store/keys.ts', 'postgres/clients/dcs.ts'), ...CASTS),
);
