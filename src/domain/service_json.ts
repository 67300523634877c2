import { decodeComponent, encodeComponent } from "./component_json.ts";
import { parseChainKey, parseWorkflowId } from "./ids.ts";
import {
  type Decoder,
  jsonMap,
  jsonObject,
  type JsonValue,
  map,
  mapped,
  object,
  oneOf,
  optional,
  parsed,
  parseJson,
  printJson,
  string,
  tagged,
  unit,
} from "./json/mod.ts";
import { decodeCosmosAddress, decodeEvmAddress } from "./scalar_json.ts";
import type { Service, ServiceManager, SignatureKind, Submit, Workflow } from "./service.ts";
import { decodeTrigger, encodeTrigger } from "./trigger_json.ts";

/** Reads the contract that owns a service (spec/wire.md 2.1). */
export const decodeServiceManager: Decoder<ServiceManager> = tagged<ServiceManager>({
  evm: mapped(
    object({ chain: parsed(parseChainKey), address: decodeEvmAddress }),
    (fields) => ({ kind: "evm", ...fields }),
  ),
  cosmos: mapped(
    object({ chain: parsed(parseChainKey), address: decodeCosmosAddress }),
    (fields) => ({ kind: "cosmos", ...fields }),
  ),
});

export function encodeServiceManager(manager: ServiceManager): JsonValue {
  return jsonObject({ [manager.kind]: jsonObject({ chain: manager.chain, address: manager.address }) });
}

/** Reads how responses are signed (spec/wire.md 2.4). */
export const decodeSignatureKind: Decoder<SignatureKind> = object({
  algorithm: oneOf("secp256k1"),
  prefix: optional(oneOf("eip191")),
});

export function encodeSignatureKind(kind: SignatureKind): JsonValue {
  return jsonObject({ algorithm: kind.algorithm, prefix: kind.prefix });
}

/** Reads what happens with responses (spec/wire.md 2.4). */
export const decodeSubmit: Decoder<Submit> = tagged<Submit>({
  none: unit({ kind: "none" }),
  aggregator: mapped(
    object({ component: decodeComponent, signature_kind: decodeSignatureKind }),
    ({ component, signature_kind }) => ({ kind: "aggregator", component, signatureKind: signature_kind }),
  ),
});

export function encodeSubmit(submit: Submit): JsonValue {
  if (submit.kind === "none") return "none";
  return jsonObject({
    aggregator: jsonObject({
      component: encodeComponent(submit.component),
      signature_kind: encodeSignatureKind(submit.signatureKind),
    }),
  });
}

export const decodeWorkflow: Decoder<Workflow> = object({
  trigger: decodeTrigger,
  component: decodeComponent,
  submit: decodeSubmit,
});

export function encodeWorkflow(workflow: Workflow): JsonValue {
  return jsonObject({
    trigger: encodeTrigger(workflow.trigger),
    component: encodeComponent(workflow.component),
    submit: encodeSubmit(workflow.submit),
  });
}

/** Reads a service definition (spec/wire.md 2.1). */
export const decodeService: Decoder<Service> = object({
  name: string,
  workflows: map(parseWorkflowId, decodeWorkflow),
  status: oneOf("active", "paused"),
  manager: decodeServiceManager,
});

/** The canonical form: declaration order, sorted maps, unset options as null (spec/wire.md 1.4). */
export function encodeService(service: Service): JsonValue {
  const workflows = [...service.workflows].map(([id, workflow]) => [id, encodeWorkflow(workflow)] as const);
  return jsonObject({
    name: service.name,
    workflows: jsonMap(workflows),
    status: service.status,
    manager: encodeServiceManager(service.manager),
  });
}

/** @throws WavsError `invalid_json` or `invalid_value` */
export function parseService(text: string): Service {
  return decodeService(parseJson(text));
}

/** The text whose SHA-256 is the service digest (spec/wire.md 1.4). */
export function printService(service: Service): string {
  return printJson(encodeService(service));
}
