// An extension for VS Code whose definition provider says and does what the file
// $DEFINITIONS holds for a name, and which writes the names that it is asked about into
// $DEFINITIONS.asked.

import { appendFileSync, readFileSync } from 'node:fs';
import * as vscode from 'vscode';

/** Where a name is defined, or what becomes of the request; nothing is as in a file without the name. */
export type Definition =
  | { uri: string; line: number; as?: 'link' }
  | { throws: string }
  | { never: true; command?: string; insert?: string };

export function activate(context: vscode.ExtensionContext): void {
  context.subscriptions.push(vscode.languages.registerDefinitionProvider('python', { provideDefinition }));
}

async function provideDefinition(document: vscode.TextDocument, position: vscode.Position) {
  const file = process.env['DEFINITIONS'] ?? '';
  const name = document.getText(document.getWordRangeAtPosition(position));
  const definitions = JSON.parse(readFileSync(file, 'utf8')) as Record<string, Definition[]>;
  appendFileSync(`${file}.asked`, `${name}\n`);
  const found: vscode.Location[] = [];
  const links: vscode.LocationLink[] = [];
  for (const one of definitions[name] ?? []) {
    if ('throws' in one) {
      throw new Error(one.throws);
    }
    if ('never' in one) {
      if (one.insert !== undefined) {
        const edit = new vscode.WorkspaceEdit();
        edit.insert(document.uri, new vscode.Position(0, 0), one.insert);
        await vscode.workspace.applyEdit(edit);
      }
      if (one.command !== undefined) {
        await vscode.commands.executeCommand(one.command);
      }
      return new Promise<never>(() => {});
    }
    const range = new vscode.Range(one.line, 0, one.line, 3);
    if (one.as === 'link') {
      links.push({ targetUri: vscode.Uri.parse(one.uri), targetRange: range, targetSelectionRange: range });
    } else {
      found.push(new vscode.Location(vscode.Uri.parse(one.uri), range));
    }
  }
  return links.length > 0 ? links : found;
}
