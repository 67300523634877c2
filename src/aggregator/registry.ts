import { type RegistryChannel, type RegistrySnapshot, WavsError } from "@/domain/mod.ts";

/**
 * The registry as main last told it: by broadcast, or asked for when a broadcast may have been missed.
 *
 * Broadcasts may get lost; whoever needs a certain revision asks for it here and gets it.
 */
export class RegistryMirror implements Disposable {
  readonly #channel: BroadcastChannel;
  readonly #ask: () => Promise<RegistrySnapshot>;
  readonly #onChange: (snapshot: RegistrySnapshot) => void;
  #snapshot: RegistrySnapshot = { revision: -1, services: [], chains: [] };

  /** @param ask main's current registry */
  constructor(
    channel: RegistryChannel,
    ask: () => Promise<RegistrySnapshot>,
    onChange: (snapshot: RegistrySnapshot) => void,
  ) {
    this.#channel = new BroadcastChannel(channel);
    this.#ask = ask;
    this.#onChange = onChange;
    this.#channel.onmessage = (event: MessageEvent<RegistrySnapshot>) => this.#take(event.data);
  }

  /** The latest known registry; asked for when none has come yet. */
  async current(): Promise<RegistrySnapshot> {
    if (this.#snapshot.revision < 0) await this.refresh();
    return this.#snapshot;
  }

  async refresh(): Promise<RegistrySnapshot> {
    this.#take(await this.#ask());
    return this.#snapshot;
  }

  /**
   * Resolves once `revision` or a later one is known here.
   *
   * @throws WavsError `registry_behind` when main itself does not have it
   */
  async atLeast(revision: number): Promise<void> {
    if (this.#snapshot.revision >= revision) return;
    const { revision: latest } = await this.refresh();
    if (latest >= revision) return;
    throw new WavsError("registry_behind", {
      message: `Cannot wait for revision "${revision}" of the registry because the latest one is "${latest}"`,
      retryable: true,
    });
  }

  [Symbol.dispose](): void {
    this.#channel.close();
  }

  #take(snapshot: RegistrySnapshot): void {
    if (snapshot.revision <= this.#snapshot.revision) return;
    this.#snapshot = snapshot;
    this.#onChange(snapshot);
  }
}
