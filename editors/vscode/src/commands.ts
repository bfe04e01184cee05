// Every command of the palette, the menus and the threads.

import * as vscode from 'vscode';
import { forgetSome, showAnswers } from './answers.ts';
import type { Asking } from './asking.ts';
import type { Server } from './client.ts';
import type { Conversation } from './conversation.ts';
import type { Conversations } from './conversations.ts';
import type { Documents } from './document.ts';
import { removeKey, setKey } from './keys.ts';
import { selectEndpoint, selectModel } from './models.ts';
import { askPrompt } from './prompts.ts';
import { failureOf, type PromptArgs, type Query } from './protocol.ts';
import type { Reply, Threads } from './threads.ts';

export interface Parts {
  context: vscode.ExtensionContext;
  server: Server;
  conversations: Conversations;
  threads: Threads;
  documents: Documents;
  asking: Asking;
}

export function registerCommands(parts: Parts): void {
  const { context, server, conversations, threads, documents, asking } = parts;
  const commands: Record<string, (argument: never) => unknown> = {
    'llmls.explain': (query?: Query) => asking.explain(isQuery(query) ? query : undefined),
    'llmls.explainExample': () =>
      asking.explainFile(vscode.Uri.joinPath(context.extensionUri, 'media/walkthrough/example.py')),
    'llmls.ask': (query?: Query) => asking.ask(isQuery(query) ? query : undefined),
    'llmls.prompt': (action?: PromptArgs) => askPrompt(server, asking, action),
    'llmls.stop': (thread?: vscode.CommentThread) => stop(parts, thread),
    'llmls.inspectRequest': () => asking.inspect(),
    'llmls.showAnswers': () => showAnswers(parts),
    'llmls.earlier': () => showAnswers(parts), // the code action
    'llmls.forget': () => forgetSome(parts),
    'llmls.selectModel': () => selectModel(server),
    'llmls.selectEndpoint': () => selectEndpoint(server),
    'llmls.checkSetup': () => checkSetup(server, documents),
    'llmls.showLog': () => server.log.show(true),
    'llmls.restart': () => server.restart(),
    'llmls.setKey': async () => {
      const given = await setKey(context);
      if (given) {
        await server.restart();
      }
      return given;
    },
    'llmls.removeKey': async () => {
      await removeKey(context);
      await server.restart();
    },
    'llmls.openEndpointSetting': () => openEndpointSetting(),
    'llmls.menu': () => menu(conversations),
    'llmls.reply': ({ thread, text }: Reply) =>
      onThread(parts, thread, (conversation) => conversations.reply(conversation, text, text)),
    'llmls.moreDetail': (thread?: vscode.CommentThread) =>
      onThread(parts, thread, (conversation) => conversations.reply(conversation, undefined, 'More detail')),
    'llmls.retry': (thread?: vscode.CommentThread) =>
      onThread(parts, thread, (conversation) => conversations.retry(conversation)),
    'llmls.copy': (thread?: vscode.CommentThread) =>
      onThread(parts, thread, (conversation) => vscode.env.clipboard.writeText(conversation.last?.text ?? '')),
    'llmls.openDocument': (thread?: vscode.CommentThread) =>
      onThread(parts, thread, (conversation) => documents.open(conversation)),
    'llmls.dismiss': (thread?: vscode.CommentThread) =>
      onThread(parts, thread, (conversation) => {
        conversations.stop(conversation);
        threads.dismiss(conversation);
      }),
  };
  for (const [name, run] of Object.entries(commands)) {
    context.subscriptions.push(vscode.commands.registerCommand(name, (argument: never) => guarded(run, argument)));
  }
  context.subscriptions.push(conversations.onFailed((conversation) => showFailure(conversation, conversations)));
}

/** Runs a command, and shows its error to the person instead of logging it. */
async function guarded(run: (argument: never) => unknown, argument: never): Promise<unknown> {
  try {
    return await run(argument);
  } catch (error) {
    const message = failureOf(error)?.message;
    if (message !== undefined && (await vscode.window.showErrorMessage(`llmls: ${message}`, 'Show Log'))) {
      await vscode.commands.executeCommand('llmls.showLog');
    }
    return undefined;
  }
}

/** Menus and key bindings pass arguments of their own kinds. */
function isQuery(argument: Query | undefined): argument is Query {
  return typeof argument?.uri === 'string';
}

/** Runs action on the conversation of the thread, or without one on the nearest in the editor or the document shown. */
async function onThread(
  { threads, documents }: Parts,
  thread: vscode.CommentThread | undefined,
  action: (conversation: Conversation) => unknown,
): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  const conversation = thread
    ? threads.conversationOf(thread)
    : editor && (documents.conversationOf(editor.document.uri) ?? threads.nearest(editor));
  if (conversation) {
    await action(conversation);
  }
}

function stop({ conversations, threads }: Parts, thread: vscode.CommentThread | undefined): void {
  const one = thread && threads.conversationOf(thread);
  for (const conversation of one ? [one] : conversations.running) {
    conversations.stop(conversation);
  }
}

/** Why an answer failed, with what can be done about it. */
async function showFailure(conversation: Conversation, conversations: Conversations): Promise<void> {
  const { failure } = conversation.last ?? {};
  const buttons = [...(failure?.kind === 'auth' ? ['Set API Key'] : []), 'Retry', 'Show Log'];
  switch (await vscode.window.showErrorMessage(`llmls: ${failure?.message}`, ...buttons)) {
    case 'Set API Key':
      if (await vscode.commands.executeCommand('llmls.setKey')) {
        await conversations.retry(conversation);
      }
      break;
    case 'Retry':
      await conversations.retry(conversation);
      break;
    case 'Show Log':
      await vscode.commands.executeCommand('llmls.showLog');
      break;
  }
}

/** Runs `llmls check`, and tries the endpoint of VS Code's settings, which check does not know. */
async function checkSetup(server: Server, documents: Documents): Promise<void> {
  const model = server.userSetting('llmls.model');
  const baseUrl = server.userSetting('llmls.baseUrl');
  const options = { location: vscode.ProgressLocation.Window, title: 'llmls: checking…' };
  await vscode.window.withProgress(options, async () => {
    const own = baseUrl === '' ? undefined : await tried(server);
    const child = await server.spawn(['check'], model ? { LLMLS_MODEL: model } : {});
    let text = '';
    const keep = (chunk: Buffer) => {
      text += chunk;
    };
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
    const said = (own?.works ?? code === 0) ? 'It works.' : 'It does not work yet.';
    const here =
      own && `In VS Code, llmls.baseUrl is ${baseUrl}\n${own.text}\n\nConfig.toml and the environment say:\n\n`;
    await documents.report('Check Setup.txt', `${said}\n\n${here ?? ''}${text}`);
  });
}

/** Whether the endpoint of the server answers, which may ask the person first. */
async function tried(server: Server): Promise<{ works: boolean; text: string }> {
  const nobody = { delta: () => {}, note: () => {} };
  const { token } = new vscode.CancellationTokenSource();
  try {
    const result = await server.ask('llmls.ask', { question: 'Reply with one word: ready' }, nobody, token);
    return { works: true, text: `${result.model} answered, the first word after ${result.timing.firstDeltaMs} ms.` };
  } catch (error) {
    return { works: false, text: failureOf(error)?.message ?? 'It was stopped.' };
  }
}

/** Settings of scope machine have a page of their own where VS Code is remote, and are on no other. */
function openEndpointSetting(): Thenable<unknown> {
  const page = vscode.env.remoteName === undefined ? 'openSettings2' : 'openRemoteSettings';
  return vscode.commands.executeCommand(`workbench.action.${page}`, { query: 'llmls.baseUrl' });
}

/** What a click on the status bar offers. */
async function menu(conversations: Conversations): Promise<void> {
  const item = (label: string, command: string) => ({ label, run: () => vscode.commands.executeCommand(command) });
  const picked = await vscode.window.showQuickPick(
    [
      ...conversations.running.map((conversation) => ({
        label: `$(debug-stop) Stop: ${conversation.title}`,
        run: () => conversations.stop(conversation),
      })),
      item('Explain', 'llmls.explain'),
      item('Ask…', 'llmls.ask'),
      item('Ask a Prompt…', 'llmls.prompt'),
      item('Show Answers', 'llmls.showAnswers'),
      item('Select Model', 'llmls.selectModel'),
      item('Select Endpoint', 'llmls.selectEndpoint'),
      item('Check Setup', 'llmls.checkSetup'),
      item('Show Log', 'llmls.showLog'),
      item('Restart Server', 'llmls.restart'),
    ],
    { title: 'llmls' },
  );
  await picked?.run();
}
