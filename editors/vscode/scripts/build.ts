// Bundles the extension: dist/extension.cjs, which VS Code loads, and
// dist/connection.cjs, the language client, which is loaded after activation.

import { statSync } from 'node:fs';
import { build, type Plugin } from 'esbuild';

/** What both may weigh together; more is felt when VS Code starts. */
const most = 400_000;

const outputs = ['dist/extension.cjs', 'dist/connection.cjs'];

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
    onResolve({ filter: /\/connection\.ts$/ }, ({ kind }) =>
      kind === 'dynamic-import' ? { path: './connection.cjs', external: true } : undefined,
    );
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
  entryPoints: ['src/extension.ts', 'src/connection.ts'],
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
const size = outputs.reduce((sum, file) => sum + statSync(file).size, 0);
if (size > most) {
  throw new Error(`the bundle has ${size} bytes; ${most} are allowed`);
}
