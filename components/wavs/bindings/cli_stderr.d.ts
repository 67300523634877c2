import type { OutputStream } from "./http_types.d.ts";

declare const stderr: {
  getStderr(): OutputStream;
};
export default stderr;
