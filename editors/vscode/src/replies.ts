// What a reply mentions is completed in the box of its thread.

import * as vscode from 'vscode';
import type { Server } from './client.ts';
import type { MentionInfo } from './protocol.ts';
import { controllerId } from './threads.ts';

export function completeReplies(server: Server): vscode.Disposable {
  const provideCompletionItems = async (document: vscode.TextDocument, position: vscode.Position) => {
    if (document.uri.authority !== controllerId) {
      return undefined; // the box of another extension
    }
    const question = document.getText(new vscode.Range(new vscode.Position(0, 0), position));
    const uri = vscode.window.activeTextEditor?.document.uri.toString();
    const argument = { question, ...(uri !== undefined && { uri }) };
    const found = await server.run<MentionInfo[]>('llmls.mentions', argument).catch(() => []);
    const range = new vscode.Range(document.positionAt(question.lastIndexOf('#')), position);
    const items = found.map(({ mention }) => {
      const item = new vscode.CompletionItem(mention, vscode.CompletionItemKind.Reference);
      item.range = range;
      if (/[:/]$/.test(mention)) {
        item.command = { command: 'editor.action.triggerSuggest', title: 'More' };
      }
      return item;
    });
    return new vscode.CompletionList(items, true);
  };
  return vscode.languages.registerCompletionItemProvider(
    { scheme: 'comment' },
    { provideCompletionItems },
    ...['#', ':', '/'],
  );
}
