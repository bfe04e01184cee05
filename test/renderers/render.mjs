// Markdown to HTML as VS Code has it: marked draws threads, markdown-it the
// preview. Reads lines of JSON, {shown, written}: a text that grows, as it is shown
// and as it was written, and writes {pages, differs}: what every renderer makes of
// each that is shown, {renderer: HTML}, and a text that the extension confirms
// otherwise while it grows than as a whole. What a text asks for is not filtered
// here: that is what is looked at. The extension counts as a renderer that shows
// nothing of what it confirms.
//
//   node render.mjs DIRECTORY     which has node_modules

import { createRequire } from 'node:module';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const require = createRequire(path.resolve(process.argv[2], 'package.json'));
const load = async (name) => import(pathToFileURL(require.resolve(name)));

const { Marked } = await load('marked');
const { Marked: NewMarked } = await load('marked-new');
const { default: MarkdownIt } = await load('markdown-it');
const { default: OldMarkdownIt } = await load('markdown-it-old');
const { default: NewMarkdownIt } = await load('markdown-it-new');
const { default: math } = require('@vscode/markdown-it-katex');

/** Mathematics within a line may be drawn; a block of it may not, and keeps its tag. */
function preview(It) {
  const drawn = { renderToString: () => '' };
  const md = new It({ html: true, linkify: true, highlight: diagram });
  md.linkify.set({ fuzzyLink: false });
  md.use(math, { katex: drawn, enableFencedBlocks: true });
  const block = md.renderer.rules.math_block;
  md.renderer.rules.math_block = (tokens, i) => (tokens[i].map ? block(tokens, i) : '');
  md.validateLink = () => true;
  md.normalizeLink = (url) => url;
  return md;
}

/** As VS Code's own extension for Mermaid has it. */
const diagram = (_, language) => (/\b(mermaid)\b/i.test(language) ? '<pre class="mermaid">' : '');

function plain(It) {
  const md = new It({ html: true, breaks: true, linkify: true });
  md.validateLink = () => true;
  md.normalizeLink = (url) => url;
  return md;
}

const renderers = {
  marked: new Marked(),
  'marked, breaks': new Marked({ breaks: true }),
  'marked, new': new NewMarked(),
  'markdown-it': preview(MarkdownIt),
  'markdown-it, plain': plain(MarkdownIt),
  'markdown-it, old': preview(OldMarkdownIt),
  'markdown-it, new': plain(NewMarkdownIt),
};

const { Confirmer, readDocument, readThread } = await import('../../editors/vscode/src/confirm.ts');
const extension = { thread: readThread, document: readDocument };

/** The first of texts, each the start of the next, about which a reader changes its mind. */
function differs(texts) {
  for (const read of Object.values(extension)) {
    const confirmer = new Confirmer(read);
    const odd = texts.find((text) => confirmer.confirms(text) !== read(text).harmless);
    if (odd !== undefined) {
      return odd;
    }
  }
  return null;
}

function render(text) {
  const html = {};
  for (const [name, read] of Object.entries(extension)) {
    html[name] = read(text).harmless ? '' : '<unconfirmed>';
  }
  for (const [name, one] of Object.entries(renderers)) {
    html[name] = one.parse.length === 2 && one.render ? one.render(text) : one.parse(text);
  }
  return html;
}

for await (const line of createInterface({ input: process.stdin })) {
  const { shown, written } = JSON.parse(line);
  process.stdout.write(`${JSON.stringify({ pages: shown.map(render), differs: differs(shown) ?? differs(written) })}\n`);
}
