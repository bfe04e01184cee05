Set-Location editors/vscode
npm ci
node scripts/vsix.ts PLATFORM
code --install-extension dist/llmls-PLATFORM.vsix
