// Show Answers: those of this window, and conversations of earlier ones, which the
// server keeps as files.

import * as vscode from 'vscode';
import type { Server } from './client.ts';
import { type Conversation, placeName } from './conversation.ts';
import type { Conversations } from './conversations.ts';
import type { Documents } from './document.ts';
import type { ForgetArgs, Forgotten, HistoryInfo } from './protocol.ts';
import type { Threads } from './threads.ts';

interface Parts {
  server: Server;
  conversations: Conversations;
  threads: Threads;
  documents: Documents;
}

interface Item extends vscode.QuickPickItem {
  conversation?: Conversation;
  earlier?: HistoryInfo;
}

/** How long typing has to pause before the files are searched. */
const searchPause = 150;

const remove: vscode.QuickInputButton = { iconPath: new vscode.ThemeIcon('trash'), tooltip: 'Delete for good' };

/** For where threads are not seen, such as in Zen mode, which no extension is told of. */
const read: vscode.QuickInputButton = { iconPath: new vscode.ThemeIcon('open-preview'), tooltip: 'Open as Document' };

/** Lists the answers of this window and earlier conversations of the workspace, the newest first, and leads to the one that is chosen. */
export async function showAnswers(parts: Parts): Promise<void> {
  const { server, conversations, threads, documents } = parts;
  const pick = vscode.window.createQuickPick<Item>();
  pick.title = 'llmls: Answers';
  pick.placeholder = 'The answers, newest first; words search all that was said';
  pick.matchOnDescription = true;
  pick.matchOnDetail = true;
  let searches = 0;
  const list = async () => {
    const search = ++searches;
    const query = pick.value;
    const here = answersOf(conversations.all);
    pick.busy = true;
    const found = await server
      .run<HistoryInfo[]>('llmls.history', { query, workspace: vscode.workspace.workspaceFolders !== undefined })
      .catch((error: Error): HistoryInfo[] => {
        server.log.error(error.message);
        return [];
      });
    if (search === searches) {
      pick.busy = false;
      const known = new Set(conversations.all.map(({ id }) => id));
      const earlier = found.filter(({ conversation }) => !known.has(conversation)).map(itemOf);
      const separator = { label: 'Earlier', kind: vscode.QuickPickItemKind.Separator };
      pick.items = earlier.length > 0 ? [...here, separator, ...earlier] : here;
    }
  };
  let pause: NodeJS.Timeout | undefined;
  let asDocument = false;
  const picked = await new Promise<Item | undefined>((resolve) => {
    pick.onDidChangeValue(() => {
      clearTimeout(pause);
      pause = setTimeout(list, searchPause);
    });
    pick.onDidTriggerItemButton(async ({ button, item }) => {
      if (button === read) {
        asDocument = true;
        resolve(item);
        return;
      }
      const { label, conversation, earlier } = item;
      const id = earlier?.conversation ?? conversation?.id;
      if (id !== undefined) {
        await forget(parts, `"${label}"`, { conversation: id });
      }
    });
    pick.onDidAccept(() => resolve(pick.activeItems[0]));
    pick.onDidHide(() => resolve(undefined));
    pick.show();
    list();
  });
  clearTimeout(pause);
  searches++;
  pick.dispose();
  const chosen = picked?.earlier ? await conversations.open(picked.earlier) : picked?.conversation;
  if (chosen && (asDocument || !(await threads.reveal(chosen)))) {
    await documents.open(chosen);
  }
}

function answersOf(all: readonly Conversation[]): Item[] {
  return all
    .flatMap((conversation) => conversation.turns.map((turn) => ({ conversation, turn })))
    .sort((a, b) => b.turn.started - a.turn.started)
    .map(({ conversation, turn: { shown, text, state } }) => ({
      label: shown?.split('\n')[0] ?? 'Explanation',
      description: [conversation.place && placeName(conversation.place), state !== 'done' && state]
        .filter(Boolean)
        .join(' · '),
      detail: text.trim().split('\n')[0]?.slice(0, 150) ?? '',
      conversation,
      buttons: [...(conversation.place ? [read] : []), ...(conversation.id === undefined ? [] : [remove])],
    }));
}

function itemOf(earlier: HistoryInfo): Item {
  const { title, when, turns } = earlier;
  const description = `${new Date(when).toLocaleDateString()} · ${turns === 1 ? '1 answer' : `${turns} answers`}`;
  return { label: title, description, alwaysShow: true, earlier, buttons: [remove] };
}

/** Removes the conversations of the workspace, or all, for good. */
export async function forgetSome(parts: Parts): Promise<void> {
  const sets: (vscode.QuickPickItem & { argument: ForgetArgs; what: string })[] = [
    {
      label: 'Of this workspace',
      detail: 'Those about files of the folders that are open',
      argument: { workspace: true },
      what: "this workspace's conversations",
    },
    { label: 'All', detail: 'Those of every workspace', argument: { all: true }, what: 'all conversations' },
  ];
  const picked = await vscode.window.showQuickPick(sets, { title: 'llmls: Delete Conversations' });
  if (picked) {
    await forget(parts, picked.what, picked.argument);
  }
}

/** Removes conversations for good after the person agreed, also from the window. */
async function forget({ server, conversations, threads }: Parts, what: string, argument: ForgetArgs): Promise<void> {
  const detail = 'Their files are deleted, and what VS Code has of them.';
  if ((await vscode.window.showWarningMessage(`Delete ${what}?`, { modal: true, detail }, 'Delete')) !== 'Delete') {
    return;
  }
  const { conversations: gone } = await server.run<Forgotten>('llmls.forget', argument);
  for (const conversation of conversations.forget(gone)) {
    threads.dismiss(conversation);
  }
}
