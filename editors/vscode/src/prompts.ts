// The person's own prompts, which the server reads from files.

import * as vscode from 'vscode';
import type { Asking } from './asking.ts';
import type { Server } from './client.ts';
import type { PromptArgs, PromptInfo } from './protocol.ts';

/**
 * Asks the prompt that a code action names, or one that the person chooses. A code
 * action without a name has the server ask about the prompts of the repository.
 */
export async function askPrompt(server: Server, asking: Asking, action?: PromptArgs): Promise<void> {
  const fromAction = typeof action?.uri === 'string';
  if (fromAction && action.name === undefined) {
    await server.run('llmls.prompt', action);
    return;
  }
  const uri = fromAction ? action.uri : vscode.window.activeTextEditor?.document.uri.toString();
  const prompts = await server.run<PromptInfo[]>('llmls.prompts', uri === undefined ? {} : { uri });
  const prompt = fromAction ? prompts.find(({ name }) => name === action.name) : await choose(prompts);
  if (!prompt) {
    return;
  }
  const { name, title, input: question } = prompt;
  const input = question && (await vscode.window.showInputBox({ title: `llmls: ${title}`, prompt: question }));
  if (question === undefined || input !== undefined) {
    const { range, version } = fromAction ? action : {};
    const query = range && uri ? { uri, range, ...(version !== undefined && { version }) } : undefined;
    await asking.prompt({ name, ...(input !== undefined && { input }) }, title, query);
  }
}

async function choose(prompts: PromptInfo[]): Promise<PromptInfo | undefined> {
  const items = prompts.map((prompt) => ({ label: prompt.title, detail: prompt.description ?? '', prompt }));
  const picked = await vscode.window.showQuickPick(items, {
    title: 'llmls: Ask a Prompt',
    placeHolder:
      items.length > 0 ? 'Choose a prompt of your own' : 'There is none yet; llmls prompt --new NAME makes one',
    matchOnDetail: true,
  });
  return picked?.prompt;
}
