import * as vscode from 'vscode';

/** Markdown that runs no commands, holds no HTML and draws no icons: a model wrote it. */
export function inert(text: string): vscode.MarkdownString {
  const result = new vscode.MarkdownString(text, false);
  result.isTrusted = false;
  result.supportHtml = false;
  return result;
}
