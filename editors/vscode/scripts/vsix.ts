// Packs the extension: node scripts/vsix.ts [TARGET…]. A target such as
// linux-x64 gets the static binary inside; "universal" has none and looks for
// llmls in PATH. Without arguments, all of them. They land in dist/. VERSION is
// their version instead of the manifest's; SOURCE_DATE_EPOCH is what all times in
// them are, for packages that are the same each time.

import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';

const extension = path.resolve(import.meta.dirname, '..');
const root = path.resolve(extension, '../..');

/** VS Code's names of platforms, and Go's. */
const platforms: Record<string, { GOOS: string; GOARCH: string }> = {
  'linux-x64': { GOOS: 'linux', GOARCH: 'amd64' },
  'linux-arm64': { GOOS: 'linux', GOARCH: 'arm64' },
  'darwin-x64': { GOOS: 'darwin', GOARCH: 'amd64' },
  'darwin-arm64': { GOOS: 'darwin', GOARCH: 'arm64' },
  'win32-x64': { GOOS: 'windows', GOARCH: 'amd64' },
  'win32-arm64': { GOOS: 'windows', GOARCH: 'arm64' },
};

function run(program: string, args: string[], cwd: string, env: NodeJS.ProcessEnv = {}): void {
  execFileSync(program, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'inherit', 'inherit'] });
}

// A release's binary knows its version from git, whatever GOFLAGS says.
const version = process.env['VERSION'];
const stamp = version ? ['-buildvcs=true'] : [];

function pack(target: string): void {
  const bin = path.join(extension, 'bin');
  rmSync(bin, { recursive: true, force: true });
  const platform = platforms[target];
  if (platform) {
    mkdirSync(bin);
    run('go', ['build', '-trimpath', ...stamp, '-ldflags=-s -w', '-o', `${bin}/`, './cmd/llmls'], root, {
      ...platform,
      CGO_ENABLED: '0',
    });
  } else if (target !== 'universal') {
    throw new Error(`there is no platform ${target}; there are ${Object.keys(platforms).join(', ')} and universal`);
  }
  const vsce = path.join(extension, 'node_modules/@vscode/vsce/vsce');
  const to = `dist/llmls-${target}.vsix`;
  run(
    process.execPath,
    [
      vsce,
      'package',
      ...(version ? [version, '--no-git-tag-version', '--no-update-package-json'] : []),
      '--no-dependencies',
      '--out',
      to,
      ...(platform ? ['--target', target] : []),
    ],
    extension,
  );
  rmSync(bin, { recursive: true, force: true });
}

cpSync(path.join(root, 'LICENSE'), path.join(extension, 'LICENSE'));
run(process.execPath, ['scripts/build.ts'], extension);
const wanted = process.argv.slice(2);
for (const target of wanted.length > 0 ? wanted : [...Object.keys(platforms), 'universal']) {
  pack(target);
}
