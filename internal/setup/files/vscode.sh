make vsix
code --install-extension editors/vscode/dist/llmls-linux-x64.vsix
