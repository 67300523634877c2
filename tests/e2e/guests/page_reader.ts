/**
 * Answers with what a web server says: the trigger's text is the path, the server is configured.
 *
 * @module
 */
import { decodeText, decodeTrigger, encodeWithId, log, operator, requireConfigVar } from "@components/wavs/mod.ts";
import { httpRequest } from "@components/wavs/http.ts";

export const run = operator((action) => {
  const trigger = decodeTrigger(action.data);
  if (trigger === undefined) throw new Error("expected trigger data");
  const { status, body } = httpRequest(requireConfigVar("server") + decodeText(trigger.data));
  log.info(`the server answered ${status}`);
  if (status !== 200) throw new Error(`the server answered ${status}`);
  return [{ payload: encodeWithId(trigger.triggerId, body) }];
});
