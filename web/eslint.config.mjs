import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import ember from 'eslint-plugin-ember/recommended';
import globals from 'globals';
import ts from 'typescript-eslint';

const parserOptions = { projectService: true, tsconfigRootDir: import.meta.dirname };

export default ts.config(
  { ignores: ['dist/**', 'dist-tests/**'] },
  js.configs.recommended,
  ember.configs.base,
  ember.configs.gts,
  {
    files: ['**/*.{ts,gts}'],
    languageOptions: { parser: ember.parser, parserOptions, globals: globals.browser },
    extends: [...ts.configs.strict, ember.configs.gts],
    rules: {
      'no-undef': 'off',
      // Ember looks up what a module exports by default: app, router, routes, services, templates.
      '@typescript-eslint/no-invalid-void-type': 'off',
      '@typescript-eslint/no-extraneous-class': 'off',
      'max-lines': ['error', { max: 330, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 40, skipBlankLines: true, skipComments: true }],
    },
  },
  { files: ['tests/**'], rules: { 'max-lines-per-function': 'off', '@typescript-eslint/no-non-null-assertion': 'off' } },
  { files: ['**/*.mjs'], languageOptions: { globals: globals.node } },
  { files: ['public/*.js'], languageOptions: { sourceType: 'script', globals: { ...globals.browser, ...globals.serviceworker } } },
  prettier,
);
