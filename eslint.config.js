import { defineConfig, globalIgnores } from 'eslint/config'
import globals from 'globals'
import { configs as lit } from 'eslint-plugin-lit'
import { configs as wc } from 'eslint-plugin-wc'
import tseslint from 'typescript-eslint'

const typescript = ['packages/*/src/**/*.ts', 'demo/**/*.ts', 'test/**/*.ts']

export default defineConfig(
  globalIgnores([
    '**/dist/',
    '**/node_modules/',
    '**/.next/',
    '**/next-env.d.ts',
    'coverage/',
    'demo/.data/',
    'bench/results/',
    'website/pages/',
  ]),
  {
    files: ['**/*.{ts,tsx,js,mjs}'],
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      'max-lines': ['error', { max: 400 }],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'prefer-const': 'error',
      'no-var': 'error',
      'no-warning-comments': 'error',
    },
  },
  { files: ['**/*.{js,mjs}'], languageOptions: { globals: globals.node } },
  { files: ['demo/public/**/*.js', 'examples/*/public/**/*.js'], languageOptions: { globals: globals.browser } },
  {
    files: ['*.ts', 'packages/*/*.ts', 'bench/**/*.ts', 'examples/**/*.{ts,tsx}', 'website/**/*.ts'],
    extends: [tseslint.configs.recommended],
  },
  {
    files: typescript,
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // A handler may be async because its port is, and await nothing.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
    },
  },
  {
    files: ['packages/*/src/**/*.ts'],
    ignores: ['packages/engine/src/cli/**'],
    rules: {
      'no-console': 'error',
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportDefaultDeclaration', message: 'Export by name.' },
        { selector: 'TSEnumDeclaration', message: 'Use a union from an `as const` array.' },
        { selector: 'TSModuleDeclaration[kind!="global"]', message: 'Use modules.' },
      ],
    },
  },
  {
    files: ['packages/dashboard/src/**/*.ts'],
    extends: [lit['flat/recommended'], wc['flat/recommended']],
    rules: {
      'lit/no-invalid-html': 'error',
      'wc/guard-super-call': 'off',
      // Lit binds listeners to their element by itself.
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      // What comes over the wire or out of hostile code has no type worth writing down in a test.
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/only-throw-error': 'off',
      '@typescript-eslint/prefer-promise-reject-errors': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
)
