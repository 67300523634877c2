/**
 * What the p2p worker may do: speak to peers, whose addresses nobody knows beforehand, and ask which addresses this
 * machine has. No files, no environment, no processes: its key comes with its boot message.
 */
export const P2P_PERMISSIONS: Deno.PermissionOptionsObject = {
  net: true,
  sys: ["networkInterfaces"],
  read: false,
  write: false,
  env: false,
  ffi: false,
  import: false,
  run: false,
};
