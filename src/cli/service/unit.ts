export interface UnitOptions {
  /** Of the unit, the user it runs as, and its directories below /var/lib and /var/cache. */
  readonly name: string;
  /** The executable; absolute. */
  readonly executable: string;
  /** Directory of wavs.toml; absolute. */
  readonly home: string;
  /** A size, a share such as 80%, or infinity. */
  readonly memoryMax: string;
  /** Secrets the service manager reads for the node: the key of wavs.toml, and an absolute path. */
  readonly credentials: ReadonlyMap<string, string>;
}

/**
 * The text of a systemd unit. Values must be checked before: nothing is quoted here.
 *
 * Made for systemd 252 and later, of Debian 12; what older ones do not know they pass over with a warning.
 */
export function unitText({ name, executable, home, memoryMax, credentials }: UnitOptions): string {
  const loads = [...credentials].map(([key, path]) => `LoadCredential=${key}:${path}`);
  const variables = [...credentials.keys()].map((key) => `Environment=WAVS_${key.toUpperCase()}_FILE=%d/${key}`);
  return `# Written by "wavs install-service", which writes it again with --force; keep changes in "systemctl edit ${name}".

[Unit]
Description=WAVS operator node (${name})
Wants=network-online.target
After=network-online.target
# However often it fails for now: it says itself when starting again is of no use, see RestartPreventExitStatus.
StartLimitIntervalSec=0

[Service]
# The packed form is a shell that becomes the program by exec, so the main process is the one that tells.
Type=notify
NotifyAccess=main
ExecStart=${executable} run --home ${home}
ExecReload=/bin/kill -HUP $MAINPID
Restart=always
RestartSec=5s
# 1: somebody must change something first; the journal says what. 75: please start it again.
RestartPreventExitStatus=1
TimeoutStartSec=3min
# What is under way is given ten seconds to end; what is not done by then goes on at the next start.
TimeoutStopSec=1min
# Told every 40 s, while each worker that the node cannot do without answers.
WatchdogSec=2min

DynamicUser=yes
User=${name}
StateDirectory=${name}
StateDirectoryMode=0700
CacheDirectory=${name}
CacheDirectoryMode=0700
UMask=0077
# Over what wavs.toml says, where the node could not write.
Environment=WAVS_DATA=%S/${name}
Environment=DENO_DIR=%C/${name}/deno
# Read as root and shown to the node alone.
${[...loads, ...variables].join("\n")}

# Components have a share of their own, max_guest_memory_mb, half of the machine's memory unless it is set.
MemoryMax=${memoryMax}
# No LimitAS: WebAssembly reserves address space by the gigabyte and uses little of it.
LimitCORE=0
LimitNOFILE=65536

# No MemoryDenyWriteExecute: V8 writes the machine code that it runs.
NoNewPrivileges=yes
CapabilityBoundingSet=
AmbientCapabilities=
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
DevicePolicy=closed
PrivateIPC=yes
PrivateUsers=yes
# No ProcSubset: how much memory the machine has stands in /proc/meminfo.
ProtectProc=invisible
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
# Netlink: names and addresses of network interfaces come over it.
RestrictAddressFamilies=AF_INET AF_INET6 AF_NETLINK AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
RemoveIPC=yes
LockPersonality=yes
KeyringMode=private
SystemCallArchitectures=native
# With @pkey, by which V8 keeps its own machine code from being written to where the processor can.
SystemCallFilter=@system-service @pkey
SystemCallFilter=~@privileged @resources
SystemCallErrorNumber=EPERM

[Install]
WantedBy=multi-user.target
`;
}
