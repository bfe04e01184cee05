// The choice of the endpoint and its model.

import * as vscode from 'vscode';
import type { Server } from './client.ts';
import type { Models, ServerStatus } from './protocol.ts';

interface Item extends vscode.QuickPickItem {
  model?: string;
}

/** Offers what the endpoint has, and whatever is typed; the choice is a setting of the person. */
export async function selectModel(server: Server): Promise<void> {
  const pick = vscode.window.createQuickPick<Item>();
  pick.title = 'llmls: Select Model';
  pick.placeholder = 'Choose a model, or type its name';
  pick.busy = true;
  let items: Item[] = [];
  const draw = () => {
    const typed = pick.value.trim();
    const own: Item[] =
      typed && !items.some(({ label }) => label === typed)
        ? [{ label: `Use "${typed}"`, model: typed, alwaysShow: true }]
        : [];
    pick.items = [...items, ...own];
  };
  pick.onDidChangeValue(draw);
  server.run<Models>('llmls.models').then(
    ({ model, models }) => {
      items = models.map((label) => ({ label, model: label, ...(label === model && { description: 'in use' }) }));
      pick.busy = false;
      draw();
    },
    (error: Error) => {
      items = [{ label: 'The endpoint lists no models; type a name.', detail: error.message }];
      pick.busy = false;
      draw();
    },
  );
  const model = await new Promise<string | undefined>((resolve) => {
    pick.onDidAccept(() => resolve(pick.selectedItems[0]?.model));
    pick.onDidHide(() => resolve(undefined));
    pick.show();
  });
  pick.dispose();
  if (model !== undefined) {
    await vscode.workspace.getConfiguration('llmls').update('model', model, vscode.ConfigurationTarget.Global);
  }
}

/**
 * Offers the endpoints of config.toml, at once, for one of them may be down; the
 * choice is a setting of the person. The model that was chosen before is another
 * endpoint's.
 */
export async function selectEndpoint(server: Server): Promise<void> {
  const { endpoint, endpoints } = await server.run<ServerStatus>('llmls.status');
  const items = endpoints.map(({ name, model, host }) => ({
    label: name,
    description: name === endpoint ? `${model} · in use` : model,
    detail: host,
  }));
  const picked = await vscode.window.showQuickPick(items, {
    title: 'llmls: Select Endpoint',
    placeHolder: items.length > 1 ? 'Choose who answers' : 'config.toml names no other endpoint',
  });
  if (picked) {
    const settings = vscode.workspace.getConfiguration('llmls');
    await settings.update('model', undefined, vscode.ConfigurationTarget.Global);
    await settings.update('endpoint', picked.label, vscode.ConfigurationTarget.Global);
  }
}
