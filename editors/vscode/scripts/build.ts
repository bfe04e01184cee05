// Bundles the extension: dist/extension.cjs, which VS Code loads, and what is loaded
// after activation: dist/connection.cjs, the language client, and dist/confirm.cjs,
// the parsers of Markdown.

import { statSync } from 'node:fs';
import { build, type Plugin } from 'esbuild';

/** What each may weigh; more is felt when VS Code starts. */
const most = { 'dist/extension.cjs': 43_000, 'dist/connection.cjs': 360_000, 'dist/confirm.cjs': 220_000 };

/**
 * What vscode-languageclient has for servers that offer more than ours, a third
 * of the bundle. client.ts leaves out what these would have registered.
 */
const unused = [
  'callHierarchy',
  'codeLens',
  'colorProvider',
  'completion',
  'declaration',
  'definition',
  'diagnostic',
  'documentHighlight',
  'documentLink',
  'documentSymbol',
  'fileOperations',
  'foldingRange',
  'formatting',
  'hover',
  'implementation',
  'inlayHint',
  'inlineCompletion',
  'inlineValue',
  'linkedEditingRange',
  'notebook',
  'reference',
  'rename',
  'selectionRange',
  'semanticTokens',
  'signatureHelp',
  'textDocumentContent',
  'typeDefinition',
  'typeHierarchy',
  'workspaceSymbol',
];

const leaveOut: Plugin = {
  name: 'leave-out',
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /\/(connection|confirm)\.ts$/ }, ({ kind, path }) =>
      kind === 'dynamic-import' ? { path: path.replace('.ts', '.cjs'), external: true } : undefined,
    );
    // What draws mathematics is not needed to find it.
    onLoad({ filter: /\/katex\.(m?js)$/ }, () => ({ contents: 'module.exports = {};' }));
    onLoad({ filter: new RegExp(`vscode-languageclient/lib/common/(${unused.join('|')})\\.js$`) }, () => ({
      contents: 'module.exports = new Proxy({}, { get: () => class {} });',
    }));
    // It asks whether VS Code is new enough, which the manifest does already.
    onLoad({ filter: /semver\/functions\/(parse|satisfies)\.js$/ }, () => ({
      contents: 'module.exports = () => true;',
    }));
  },
};

await build({
  entryPoints: ['src/extension.ts', 'src/connection.ts', 'src/confirm.ts'],
  outdir: 'dist',
  outExtension: { '.js': '.cjs' },
  supported: { 'dynamic-import': false }, // require instead: VS Code gives out its own module that way
  bundle: true,
  minify: true,
  platform: 'node',
  target: 'node22',
  format: 'cjs',
  external: ['vscode'],
  logLevel: 'warning',
  legalComments: 'linked',
  plugins: [leaveOut],
});
for (const [file, limit] of Object.entries(most)) {
  const { size } = statSync(file);
  if (size > limit) {
    throw new Error(`${file} has ${size} bytes; ${limit} are allowed`);
  }
}
