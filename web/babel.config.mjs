import { fileURLToPath } from 'node:url';
import { buildMacros } from '@embroider/macros/babel';

const macros = buildMacros();

/** Line breaks between tags mean nothing here: without them templates are smaller and the page has fewer nodes. */
function withoutLineBreaks() {
  return {
    name: 'without-line-breaks',
    visitor: { TextNode: (node) => (/^\s*\n\s*$/.test(node.chars) ? null : undefined) },
  };
}

export default {
  plugins: [
    ['@babel/plugin-transform-typescript', { allExtensions: true, onlyRemoveTypeImports: true, allowDeclareFields: true }],
    ['babel-plugin-ember-template-compilation', { transforms: [...macros.templateMacros, withoutLineBreaks] }],
    ['module:decorator-transforms', { runtime: { import: fileURLToPath(import.meta.resolve('decorator-transforms/runtime-esm')) } }],
    ...macros.babelMacros,
  ],
  generatorOpts: { compact: false },
};
