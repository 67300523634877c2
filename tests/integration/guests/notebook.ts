import { decodeText, encodeText, textOperator } from "@components/wavs/mod.ts";
import { openDirectory } from "@components/wavs/files.ts";

/** Keeps a note `name=text`, of any length, and answers all notes. */
export const run = textOperator((note) => {
  const [name = "", text = ""] = note.split("=");
  const notes = openDirectory("notes");
  notes.create(name).write(encodeText(text));
  return notes.list().sort().map((each) => `${each}=${decodeText(notes.read(each))}`).join(",");
});
