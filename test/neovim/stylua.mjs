// Formats the plugin's Lua with StyLua, which npm has as WebAssembly: with
// --check it changes nothing and fails if it would.
//
//	node test/neovim/stylua.mjs [--check]
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(join(process.cwd(), '.cache/stylua/'));
const { formatCode, Config, IndentType, QuoteStyle, OutputVerification } = require('@johnnymorganz/stylua');

// As in editors/neovim/.stylua.toml, which editors read.
function config() {
  const c = Config.new();
  c.column_width = 120;
  c.indent_type = IndentType.Spaces;
  c.indent_width = 2;
  c.quote_style = QuoteStyle.AutoPreferSingle;
  return c;
}

const roots = ['editors/neovim', 'test/neovim', 'test/bench'];
const files = roots.flatMap((root) =>
  readdirSync(root, { recursive: true }).filter((name) => name.endsWith('.lua')).map((name) => join(root, name)),
);
const different = files.filter((file) => {
  const text = readFileSync(file, 'utf8');
  const formatted = formatCode(text, config(), undefined, OutputVerification.None);
  if (formatted !== text && !process.argv.includes('--check')) writeFileSync(file, formatted);
  return formatted !== text;
});
for (const file of different) console.log(process.argv.includes('--check') ? `${file} is not formatted; run make fmt` : file);
if (files.length === 0) throw new Error('there is no Lua to format');
if (process.argv.includes('--check') && different.length > 0) process.exit(1);
