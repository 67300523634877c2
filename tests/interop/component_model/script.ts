import assert from "node:assert/strict";
import { parse } from "@bytecodealliance/jco-transpile/wasm-tools";
import { systemClock } from "@/context/mod.ts";
import { isWavsError } from "@/domain/errors.ts";
import { createComponentRuntime } from "@/engine/component/mod.ts";
import type { ComponentInstance, LoadedComponent } from "@/engine/component/types.ts";
import { linkForItself } from "@/engine/component/testing/own_world.ts";
import { parseSignature, type WitFunction } from "@/engine/component/testing/signature_types.ts";
import { Budget } from "@/engine/metering/mod.ts";
import { type Expression, type ListExpression, readExpressions } from "./expressions.ts";
import { listOf, textOf, valueOf } from "./values.ts";

const runtime = await createComponentRuntime("direct");

/** What came of one directive of a script. */
export interface DirectiveResult {
  readonly kind: string;
  /** The line it stands on. */
  readonly line: number;
  /**
   * `refused`: a valid component this engine does not take, by the name of what it lacks; `taken`: an invalid one it
   * does; `text`: the tools that read the text format know less; `after`: what it needs was not taken.
   */
  readonly outcome: "passed" | "failed" | "refused" | "taken" | "text" | "after";
  readonly reason?: string;
}

/** Runs a script of the reference tests, directive by directive. */
export async function runScript(text: string): Promise<readonly DirectiveResult[]> {
  const script = new Script(text);
  const results: DirectiveResult[] = [];
  for (const expression of readExpressions(text)) results.push(await script.run(listOf(expression)));
  return results;
}

/** Why a directive is neither passed nor failed. */
class Undecided extends Error {
  readonly outcome: "refused" | "taken" | "text" | "after";

  constructor(outcome: Undecided["outcome"], reason: string) {
    super(reason);
    this.outcome = outcome;
  }
}

async function instantiate(component: LoadedComponent): Promise<ComponentInstance> {
  const budget = new Budget({ fuel: 10n ** 9n, timeoutMs: 10_000 }, { clock: systemClock });
  return await runtime.instantiate(component, { imports: {}, budget });
}

class Script {
  readonly #text: string;
  /** Those that were taken. */
  readonly #definitions = new Map<string, LoadedComponent>();
  readonly #instances = new Map<
    string,
    { readonly component: LoadedComponent; readonly instance: ComponentInstance }
  >();

  constructor(text: string) {
    this.#text = text;
  }

  async run(directive: ListExpression): Promise<DirectiveResult> {
    const kind = textOf(directive.items[0]);
    const line = this.#text.slice(0, directive.start).split("\n").length;
    try {
      await this.#perform(kind, directive);
      return { kind, line, outcome: "passed" };
    } catch (error) {
      const outcome = error instanceof Undecided ? error.outcome : "failed";
      return { kind, line, outcome, reason: error instanceof Error ? error.message : String(error) };
    }
  }

  async #perform(kind: string, directive: ListExpression): Promise<void> {
    const [, first, ...rest] = directive.items;
    switch (kind) {
      case "component":
        return await this.#component(directive);
      case "invoke":
        await this.#invoke(directive);
        return;
      case "assert_return": {
        const { answer, type } = await this.#invoke(listOf(first));
        assert.deepEqual(answer, valueOf(rest[0], type));
        return;
      }
      case "assert_trap": {
        const trapping = listOf(first);
        const isCall = textOf(trapping.items[0]) === "invoke";
        const trapped = await failureOf(isCall ? this.#invoke(trapping) : this.#component(trapping));
        if (trapped instanceof Undecided) throw trapped;
        assert.ok(isWavsError(trapped, "guest_trap"), `no trap: ${String(trapped)}`);
        return;
      }
      case "assert_invalid":
      case "assert_malformed":
        return await this.#assertRefused(listOf(first));
      default:
        throw new SyntaxError(`the directive "${kind}" is unknown`);
    }
  }

  async #component(directive: ListExpression): Promise<void> {
    const [, first, second] = directive.items;
    if (first?.kind === "word" && first.text === "instance") {
      return await this.#instantiate(textOf(second), textOf(directive.items[3]));
    }
    const isDefinition = first?.kind === "word" && first.text === "definition";
    const named = isDefinition ? second : first;
    const name = named?.kind === "word" && named.text.startsWith("$") ? named.text : "";
    this.#definitions.delete(name);
    if (!isDefinition) this.#forget(name);
    this.#definitions.set(name, await this.#define(directive));
    if (!isDefinition) await this.#instantiate(name, name);
  }

  /** @throws Undecided when this engine does not take it; WavsError when it should not be taken */
  async #define(directive: ListExpression): Promise<LoadedComponent> {
    const bytes = await this.#bytesOf(directive);
    try {
      return await linkForItself(runtime, bytes);
    } catch (error) {
      if (isWavsError(error, "component_unsupported") || isWavsError(error, "component_too_large")) {
        throw new Undecided("refused", error.message);
      }
      throw error;
    }
  }

  /** The name, and that of the instance made last. */
  #forget(name: string): void {
    this.#instances.delete(name);
    this.#instances.delete("");
  }

  async #instantiate(name: string, definitionName: string): Promise<void> {
    this.#forget(name);
    const component = this.#definitions.get(definitionName);
    if (component === undefined) throw new Undecided("after", `nothing is defined as "${definitionName}"`);
    const made = { component, instance: await instantiate(component) };
    this.#instances.set(name, made);
    this.#instances.set("", made);
  }

  async #invoke(
    invocation: ListExpression,
  ): Promise<{ readonly answer: unknown; readonly type: WitFunction["result"] }> {
    const [, ...rest] = invocation.items;
    const name = rest[0]?.kind === "word" ? textOf(rest.shift()) : "";
    const called = textOf(rest.shift());
    const found = this.#instances.get(name);
    if (found === undefined) throw new Undecided("after", called);
    const signature = found.component.surface.exports.find((each) => each.name === called)?.signature;
    if (signature === undefined) throw new Undecided("refused", "an export that is no function of the root");
    const { params, result } = parseSignature(signature);
    const args = params.map(({ type }, i) => valueOf(rest[i], type));
    return { answer: await found.instance.call(called, args), type: result };
  }

  async #assertRefused(directive: ListExpression): Promise<void> {
    let component: LoadedComponent;
    try {
      component = await this.#define(directive);
    } catch (error) {
      if (isWavsError(error) || (error instanceof Undecided && error.outcome === "refused")) return;
      throw error;
    }
    // It must be as harmless as any other.
    const failure = await failureOf(instantiate(component));
    assert.ok(failure === undefined || isWavsError(failure), `its instance fails by ${String(failure)}`);
    throw new Undecided("taken", "it is invalid");
  }

  /** The component in binary form. */
  async #bytesOf({ items, end }: ListExpression): Promise<Uint8Array> {
    const [keyword, ...rest] = items;
    const parts: readonly Expression[] = rest[0]?.kind === "word" && rest[0].text === "definition"
      ? rest.slice(1)
      : rest;
    const from = parts[0]?.start ?? end - 1;
    const text = `(${textOf(keyword)} ${this.#text.slice(from, end)}`;
    try {
      return await parse(isQuote(parts) ? quoted(parts) : text);
    } catch (error) {
      throw new Undecided("text", String(error).split("\n")[0] ?? "");
    }
  }
}

function failureOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(() => undefined, (error: unknown) => error);
}

function isQuote(parts: readonly Expression[]): boolean {
  return parts.some((part) => part.kind === "word" && part.text === "quote");
}

function quoted(parts: readonly Expression[]): string {
  return `(component ${parts.filter((part) => part.kind === "string").map((part) => part.text).join(" ")})`;
}
