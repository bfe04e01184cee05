import * as vscode from 'vscode';
import type { Form } from './confirmations.ts';

/**
 * A text of a model in the form that was confirmed for it: Markdown that runs no
 * commands, holds no HTML and draws no icons, or the text as it is.
 */
export function inert(text: string, form: Form): vscode.MarkdownString | string {
  if (form !== 'markdown') {
    return form === 'text' ? text : '';
  }
  const result = new vscode.MarkdownString(text, false);
  result.isTrusted = false;
  result.supportHtml = false;
  return result;
}
