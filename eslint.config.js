import js from '@eslint/js';
import importX from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

/** Rooms of server/ in the order of ARCHITECTURE.md: a room imports from those before it only. */
const storeys = ['foundation', 'database', 'identity', 'teams', 'archive', 'components', 'supervisor', 'control'];
/** Programs of their own: from the storeys up to the archive, never from each other. */
const programs = ['gateway', 'storage', 'daemon'];
const forPrograms = storeys.slice(0, storeys.indexOf('archive') + 1);

const room = (name) => `./server/${name}`;
const zones = [
  ...storeys.map((name, storey) => ({
    target: room(name),
    from: [...storeys.slice(storey + 1), ...programs].map(room),
    message: `${name} may import from ${[...storeys.slice(0, storey)].join(', ') || 'nothing'} only.`,
  })),
  ...programs.map((name) => ({
    target: room(name),
    from: [...storeys.filter((storey) => !forPrograms.includes(storey)), ...programs.filter((other) => other !== name)].map(room),
    message: `${name} is a program of its own: it may import from ${forPrograms.join(', ')} only.`,
  })),
];

export default tseslint.config(
  { ignores: ['**/dist/**', '**/node_modules/**', 'data/**', 'web/**'] },
  js.configs.recommended,
  ...tseslint.configs.strict,
  {
    files: ['**/*.ts'],
    plugins: { 'import-x': importX },
    settings: { 'import-x/resolver': { node: { extensions: ['.ts', '.js'] } } },
    rules: {
      'import-x/no-restricted-paths': ['error', { zones }],
      '@typescript-eslint/no-extraneous-class': 'off',
      '@typescript-eslint/no-invalid-void-type': 'off',
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 40, skipBlankLines: true, skipComments: true }],
      'no-restricted-exports': ['error', { restrictDefaultExports: { direct: true, named: true } }],
    },
  },
  {
    files: ['**/*.test.ts', 'test/**/*.ts', '*.config.{ts,js}'],
    rules: { 'max-lines-per-function': 'off', 'no-restricted-exports': 'off', '@typescript-eslint/no-non-null-assertion': 'off' },
  },
);
