// What the definition providers of VS Code know about a piece of code.

import * as vscode from 'vscode';
import { excerpt, namesIn, wholeLines } from './definition.ts';
import type { ContextPlace, Query } from './protocol.ts';

/** How long they may take, in milliseconds. A question goes out without what comes later. */
const patience = 200;

/** How many definitions of one name count. */
const mostOfOne = 2;

/** The largest file outside of the workspace that is read, in bytes. */
const largest = 1024 * 1024;

type Found = vscode.Location | vscode.LocationLink;

/** Where the names in the code of a query are defined, if that is in an open document. */
export async function known({ uri, range }: Query): Promise<Pick<Query, 'context'>> {
  const document = vscode.workspace.textDocuments.find((one) => one.uri.toString() === uri);
  if (!document || !range) {
    return {};
  }
  const { version } = document;
  const start = document.offsetAt(position(range.start));
  const text = document.getText(new vscode.Range(position(range.start), position(range.end)));
  const places: ContextPlace[][] = [];
  const texts = new Map<string, Promise<string>>();
  const asked = namesIn(text).map(async ({ name, offset }, i) => {
    const found = await vscode.commands.executeCommand<Found[] | undefined>(
      'vscode.executeDefinitionProvider',
      document.uri,
      document.positionAt(start + offset),
    );
    const list = await Promise.allSettled((found ?? []).slice(0, mostOfOne).map((one) => placeOf(one, name, texts)));
    places[i] = list.flatMap((one) => (one.status === 'fulfilled' && one.value ? [one.value] : []));
  });
  const late = new Promise<void>((resolve) => setTimeout(resolve, patience));
  await Promise.race([Promise.allSettled(asked), late]);
  // What was found in a document that was edited meanwhile may not stand there any more.
  const still = places.flat().filter((place) => place.uri !== uri || document.version === version);
  const unique = new Map(still.map((place) => [`${place.uri} ${place.range.start.line}`, place]));
  return unique.size > 0 ? { context: [...unique.values()] } : {};
}

/** A definition as the server takes it; undefined if there is nothing to send of it. */
async function placeOf(
  found: Found,
  name: string,
  texts: Map<string, Promise<string>>,
): Promise<ContextPlace | undefined> {
  const [uri, at, end] =
    'targetUri' in found
      ? [found.targetUri, (found.targetSelectionRange ?? found.targetRange).start.line, found.targetRange.end.line]
      : [found.uri, found.range.start.line, found.range.start.line];
  const place = { uri: uri.toString(), why: `defines ${name}` };
  if (vscode.workspace.getWorkspaceFolder(uri)) {
    return { ...place, range: wholeLines(at, Math.max(at, end) + 1) };
  }
  if (uri.scheme !== 'file') {
    return undefined;
  }
  const text = texts.get(place.uri) ?? read(uri);
  texts.set(place.uri, text);
  const shown = excerpt(await text, at);
  return shown && { ...place, ...shown };
}

async function read(uri: vscode.Uri): Promise<string> {
  const { type, size } = await vscode.workspace.fs.stat(uri);
  const readable = (type & vscode.FileType.File) !== 0 && size <= largest; // a pipe would never end
  return readable ? new TextDecoder().decode(await vscode.workspace.fs.readFile(uri)) : '';
}

function position({ line, character }: { line: number; character: number }): vscode.Position {
  return new vscode.Position(line, character);
}
