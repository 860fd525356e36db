import { buildMacros } from '@embroider/macros/babel';

const macros = buildMacros();

export default {
  plugins: [
    ['@babel/plugin-transform-typescript', { allExtensions: true, onlyRemoveTypeImports: true, allowDeclareFields: true }],
    ['babel-plugin-ember-template-compilation', { transforms: [...macros.templateMacros] }],
    ['module:decorator-transforms', { runtime: { import: import.meta.resolve('decorator-transforms/runtime-esm').replace('file://', '') } }],
    ...macros.babelMacros,
  ],
  generatorOpts: { compact: false },
};
