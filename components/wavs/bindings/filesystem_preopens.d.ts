import type { Descriptor } from "./filesystem_types.d.ts";

declare const preopens: {
  getDirectories(): [directory: Descriptor, name: string][];
};
export default preopens;
