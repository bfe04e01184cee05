// Runs the questions of conversations and tells when something on the screen has to change.

import { randomUUID } from 'node:crypto';
import * as vscode from 'vscode';
import type { Server } from './client.ts';
import { Conversation, type Place, Turn } from './conversation.ts';
import { known } from './known.ts';
import { longestPause, Pacer, redrawInterval } from './pacer.ts';
import type { AnswerInfo, HistoryInfo, Query } from './protocol.ts';
import { keptTurn } from './saved.ts';

/** How many conversations are kept for Show Answers; the server keeps as many answers. */
const mostConversations = 200;

/** How much text is drawn less often, because VS Code takes longer for it. */
const longText = 2000;

export class Conversations implements vscode.Disposable {
  readonly #server: Server;
  readonly #conversations: Conversation[] = [];
  readonly #pacers = new Map<Conversation, Pacer>();
  readonly #stops = new Map<Turn, vscode.CancellationTokenSource>();
  readonly #changed = new vscode.EventEmitter<Conversation>();
  readonly #failed = new vscode.EventEmitter<Conversation>();
  /** Those that the server which runs now may not know. */
  readonly #unsure = new Set<Conversation>();
  #clock: NodeJS.Timeout | undefined;

  /** Fires at most 8 times a second for a conversation, and always after its last change. */
  readonly onChanged = this.#changed.event;
  /** Fires when an answer of the conversation failed before its first word. */
  readonly onFailed = this.#failed.event;

  constructor(server: Server) {
    this.#server = server;
    server.onStarted(() => {
      for (const conversation of this.#conversations) {
        this.#unsure.add(conversation);
      }
    });
  }

  create(title: string, place?: Place): Conversation {
    const conversation = new Conversation(randomUUID(), title, place);
    const oldest = this.#conversations.find((one) => one.state !== 'running');
    if (oldest && this.#conversations.length >= mostConversations) {
      this.#conversations.splice(this.#conversations.indexOf(oldest), 1);
      this.#pacers.delete(oldest);
    }
    this.#conversations.push(conversation);
    return conversation;
  }

  /** Takes conversations of an earlier window. */
  adopt(conversations: readonly Conversation[]): void {
    this.#conversations.push(...conversations);
    for (const conversation of conversations) {
      this.#unsure.add(conversation);
    }
  }

  /** The conversation that the server keeps, with all turns that are in its file. */
  async open({ conversation: id, title }: HistoryInfo): Promise<Conversation> {
    const turns = await this.#server.run<AnswerInfo[]>('llmls.answers', { conversation: id });
    const known = this.#conversations.find((one) => one.id === id);
    const conversation = known ?? this.create(title);
    conversation.id = id;
    const here = conversation.turns.length;
    conversation.turns.push(...turns.reverse().slice(here).map(keptTurn)); // somebody else went on with it
    if (conversation.turns.length > here) {
      this.#changed.fire(conversation);
    }
    return conversation;
  }

  /** Lets go of the conversations with these ids, which are gone for good, and returns them. */
  forget(ids: readonly string[]): Conversation[] {
    const gone = this.#conversations.filter(({ id }) => id !== undefined && ids.includes(id));
    for (const conversation of gone) {
      this.stop(conversation);
      this.#conversations.splice(this.#conversations.indexOf(conversation), 1);
      this.#pacers.delete(conversation);
      this.#changed.fire(conversation); // or it would stay in the storage
    }
    return gone;
  }

  get all(): readonly Conversation[] {
    return this.#conversations;
  }

  find(key: string): Conversation | undefined {
    return this.#conversations.find((conversation) => conversation.key === key);
  }

  get running(): Conversation[] {
    return this.#conversations.filter((conversation) => conversation.state === 'running');
  }

  /** Asks within conversation; shown is the question as it is shown, if one is, and context what goes along. */
  async ask(conversation: Conversation, query: Query, shown?: string, context = known(query)): Promise<void> {
    const turn = new Turn(query, shown, Date.now());
    conversation.turns.push(turn);
    await this.#run(conversation, turn, context);
  }

  /** Asks a follow-up, or for more detail. */
  async reply(conversation: Conversation, question: string | undefined, shown: string): Promise<void> {
    await this.#confirm(conversation);
    await this.ask(conversation, conversation.followUp(question), shown);
  }

  /** Drops the id of a conversation that the server does not know any more: it may keep none, or that one is gone. */
  async #confirm(conversation: Conversation): Promise<void> {
    if (this.#unsure.delete(conversation) && conversation.id !== undefined) {
      const known = this.#server.run('llmls.answers', { conversation: conversation.id });
      await known.catch(() => {
        conversation.id = undefined;
      });
    }
  }

  /** Asks the newest question once more; what it was answered goes. */
  async retry(conversation: Conversation): Promise<void> {
    await this.#confirm(conversation);
    const { last } = conversation;
    if (last && last.state !== 'running') {
      conversation.turns.pop();
      await this.ask(conversation, conversation.again(last.query), last.shown);
    }
  }

  /** Stops what is running in conversation. The text that arrived stays. */
  stop(conversation: Conversation): void {
    for (const turn of conversation.running) {
      this.#stops.get(turn)?.cancel();
    }
  }

  async #run(conversation: Conversation, turn: Turn, context: ReturnType<typeof known>): Promise<void> {
    const stop = new vscode.CancellationTokenSource();
    this.#stops.set(turn, stop);
    this.#tick();
    const pacer = this.#pacer(conversation);
    pacer.flush();
    const listener = {
      delta: (delta: Parameters<Turn['push']>[0]) => {
        turn.push(delta);
        pacer.change();
      },
      note: (text: string) => {
        turn.note = text;
        if (turn.text === '') {
          pacer.change();
        }
      },
    };
    try {
      const question = turn.query.question === undefined ? 'llmls.explain' : 'llmls.ask';
      const command = 'name' in turn.query ? 'llmls.prompt' : question;
      await this.#server.start();
      const query = { ...turn.query, ...(await context) };
      const result = await this.#server.ask(command, conversation.now(query), listener, stop.token);
      turn.end(result);
      conversation.id = result.conversation;
    } catch (error) {
      turn.fail(error, Date.now());
      if (turn.state === 'failed') {
        this.#server.log.error(turn.failure?.message ?? '');
        this.#failed.fire(conversation);
      }
    } finally {
      this.#stops.delete(turn);
      stop.dispose();
      pacer.flush();
      this.#tick();
    }
    if (turn.state === 'stopped' && turn.text !== '') {
      conversation.id ??= await this.#idOf(turn);
      pacer.flush(); // the next window is told, too
    }
  }

  /**
   * The conversation of an answer that was stopped: a cancelled request has no
   * result that names it. Answers to the same question with the same text are
   * one as good as the other.
   */
  async #idOf(turn: Turn): Promise<string | undefined> {
    const answers = await this.#server
      .run<AnswerInfo[]>('llmls.answers', turn.query.uri ? { uri: turn.query.uri } : {})
      .catch(() => []);
    return answers.find((one) => (one.question ?? '') === (turn.query.question ?? '') && one.text.startsWith(turn.text))
      ?.conversation;
  }

  #pacer(conversation: Conversation): Pacer {
    let pacer = this.#pacers.get(conversation);
    if (!pacer) {
      const interval = () =>
        conversation.turns.some(({ text }) => text.length > longText) ? longestPause : redrawInterval;
      pacer = new Pacer(() => this.#changed.fire(conversation), interval);
      this.#pacers.set(conversation, pacer);
    }
    return pacer;
  }

  /** Counts the seconds on the screen while something runs. */
  #tick(): void {
    clearInterval(this.#clock);
    if (this.#stops.size > 0) {
      this.#clock = setInterval(() => {
        for (const conversation of this.running) {
          this.#pacer(conversation).change();
        }
      }, 1000);
    }
  }

  dispose(): void {
    clearInterval(this.#clock);
    for (const pacer of this.#pacers.values()) {
      pacer.cancel();
    }
    for (const stop of this.#stops.values()) {
      stop.cancel();
    }
  }
}
