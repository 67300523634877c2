/** What can move a cursor, break a line or reverse the text around it: C0, DEL, C1, line separators, bidi controls. */
// deno-lint-ignore no-control-regex -- exactly these are to be found
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** Text for one line of a terminal: what could change the terminal is spelled out as `\u001b`. */
export function escapeControls(text: string): string {
  return text.toWellFormed().replace(UNSAFE, unicodeEscape);
}

/** A JSON string without any character that a terminal acts on. */
export function quoteJson(text: string): string {
  return JSON.stringify(text).replace(UNSAFE, unicodeEscape);
}

function unicodeEscape(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
