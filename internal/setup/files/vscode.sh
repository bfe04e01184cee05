make vsix
code --install-extension editors/vscode/dist/llmls-PLATFORM.vsix
