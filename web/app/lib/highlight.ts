import hljs from 'highlight.js/lib/core';
import bash from 'highlight.js/lib/languages/bash';
import c from 'highlight.js/lib/languages/c';
import css from 'highlight.js/lib/languages/css';
import diff from 'highlight.js/lib/languages/diff';
import go from 'highlight.js/lib/languages/go';
import ini from 'highlight.js/lib/languages/ini';
import java from 'highlight.js/lib/languages/java';
import javascript from 'highlight.js/lib/languages/javascript';
import json from 'highlight.js/lib/languages/json';
import lua from 'highlight.js/lib/languages/lua';
import python from 'highlight.js/lib/languages/python';
import ruby from 'highlight.js/lib/languages/ruby';
import rust from 'highlight.js/lib/languages/rust';
import sql from 'highlight.js/lib/languages/sql';
import typescript from 'highlight.js/lib/languages/typescript';
import xml from 'highlight.js/lib/languages/xml';
import yaml from 'highlight.js/lib/languages/yaml';

const languages = { bash, c, css, diff, go, ini, java, javascript, json, lua, python, ruby, rust, sql, typescript, xml, yaml };
for (const [name, language] of Object.entries(languages)) hljs.registerLanguage(name, language);

/** Longer blocks stay plain: colouring them would be felt. */
const longest = 20_000;

export function highlight(block: HTMLElement): void {
  const source = block.textContent;
  if (!source || source.length > longest || block.dataset['highlighted']) return;
  const name = /language-([\w+#-]+)/.exec(block.className)?.[1] ?? '';
  const result = hljs.getLanguage(name) ? hljs.highlight(source, { language: name }) : hljs.highlightAuto(source);
  if (!hljs.getLanguage(name) && result.relevance < 6) return;
  block.innerHTML = result.value;
  block.dataset['highlighted'] = 'yes';
}
