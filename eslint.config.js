import js from '@eslint/js'
import { defineConfig, globalIgnores } from 'eslint/config'
import jsxA11y from 'eslint-plugin-jsx-a11y'
import reactHooks from 'eslint-plugin-react-hooks'
import ts from 'typescript-eslint'

export default defineConfig(
  globalIgnores(['dist/', 'dist-cli/', 'coverage/', 'playwright-report/', 'test-results/']),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['src/**/*.{ts,tsx}'],
    extends: [js.configs.recommended, ts.configs.strictTypeChecked],
    languageOptions: { parserOptions: { project: ['./tsconfig.app.json'], tsconfigRootDir: import.meta.dirname } },
    rules: {
      eqeqeq: 'error',
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { requireDefaultForNonUnion: true }],
    },
  },
  {
    // The same input gives the same output, on every machine and in every locale.
    files: ['src/engine/**/*.ts', 'src/shell/**/*.ts', 'src/view/**/*.ts'],
    rules: {
      'no-restricted-globals': [
        'error',
        'crypto',
        'document',
        'fetch',
        'localStorage',
        'performance',
        'setInterval',
        'setTimeout',
        'window',
      ],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: 'Read the injected clock.' },
        { object: 'Math', property: 'random', message: 'Draw from the injected Random.' },
        { property: 'localeCompare', message: 'Compare by code unit; locales differ.' },
        { property: 'toLocaleString', message: 'Locales differ.' },
      ],
      'no-restricted-syntax': [
        'error',
        { selector: 'NewExpression[callee.name="Date"][arguments.length=0]', message: 'Read the injected clock.' },
        { selector: 'ThrowStatement', message: 'Return a value. Only engine/base/invariant.ts throws.' },
      ],
    },
  },
  {
    files: ['src/engine/base/{assertNever,invariant}.ts', 'src/engine/testing/**', 'src/**/*.test.ts'],
    rules: { 'no-restricted-syntax': 'off', '@typescript-eslint/no-non-null-assertion': 'off' },
  },
  { files: ['src/ui/**/*.{ts,tsx}'], extends: [reactHooks.configs.flat['recommended-latest']] },
  { files: ['src/ui/**/*.tsx'], extends: [jsxA11y.flatConfigs.strict] },
)
