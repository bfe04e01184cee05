// The key: kept by VS Code in the keychain of the system, given to the server's
// process in its environment, and nowhere else.

import * as vscode from 'vscode';

const name = 'llmls.apiKey';

export function storedKey(context: vscode.ExtensionContext): Thenable<string | undefined> {
  return context.secrets.get(name);
}

/** Asks for a key and stores it. False if the person entered none. */
export async function setKey(context: vscode.ExtensionContext): Promise<boolean> {
  const key = await vscode.window.showInputBox({
    title: 'llmls: Set API Key',
    prompt: "It is kept in VS Code's secret storage and sent to your endpoint only.",
    placeHolder: 'sk-…',
    password: true,
    ignoreFocusOut: true,
    validateInput: (text) =>
      /^[\x21-\x7e]*$/.test(text.trim()) ? undefined : 'A key has no spaces and only plain characters.',
  });
  if (!key?.trim()) {
    return false;
  }
  await context.secrets.store(name, key.trim());
  return true;
}

export async function removeKey(context: vscode.ExtensionContext): Promise<void> {
  await context.secrets.delete(name);
}
