/**
 * Uses every permission once: asks by HTTP, writes a file, prints and logs (spec/engine.md 6.3, `permissions`).
 *
 * @module
 */
import { encodeText, log, textOperator } from "../wavs/mod.ts";
import { openDirectory } from "../wavs/files.ts";
import { printErrorLine, printLine } from "../wavs/stdio.ts";
import { ownDigest } from "./own_digest.ts";
import { fetchText, postPair } from "./requests.ts";
import { parseTask } from "./task.ts";

export const run = textOperator((text, { triggerId }) => {
  const { getUrl, postUrl, postData, timestamp } = parseTask(text);
  printLine(`(permissions println!) trigger id: ${triggerId}`);
  printErrorLine(`(permissions eprintln!) trigger id: ${triggerId}`);
  log.info(`(permissions host log) trigger id: ${triggerId}`);

  const responses = openDirectory("./responses");
  const file = responses.create(`${timestamp}.txt`);
  const contents = `GET RESPONSE: ${fetchText(getUrl)}\n\nPOST RESPONSE: ${postPair(postUrl, postData)}`;
  file.write(encodeText(contents));
  const filename = `./responses/${timestamp}.txt`;
  return JSON.stringify({ filename, contents, filecount: responses.list().length, digest: ownDigest() });
});
