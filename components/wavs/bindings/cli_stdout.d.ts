import type { OutputStream } from "./http_types.d.ts";

declare const stdout: {
  getStdout(): OutputStream;
};
export default stdout;
