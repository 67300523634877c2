import { Trap } from "../errors.ts";
import type { Layout, ResourceIndex } from "../plan/types.ts";
import type { CallContext } from "./call_context.ts";
import { type Descriptor, mismatch } from "./descriptor.ts";
import { GuestResource } from "./handle_table.ts";

/** A resource moved from one side to the other. */
export function ownDescriptor(layout: Layout, resource: ResourceIndex): Descriptor {
  return handleDescriptor(layout, {
    take: (context, index) => {
      const handle = context.instance.handles.remove(index, resource);
      if (handle.ownership.kind !== "own") throw new Trap("a borrowed handle cannot be given away");
      return handle.value;
    },
    give: (context, value) => {
      const ownership = { kind: "own" } as const;
      return context.instance.handles.add({ resource, value: resourceValue(value, resource), ownership, lends: 0 });
    },
  });
}

/** A resource lent for the length of a call. */
export function borrowDescriptor(layout: Layout, resource: ResourceIndex): Descriptor {
  return handleDescriptor(layout, {
    take: (context, index) => {
      const handle = context.instance.handles.get(index, resource);
      context.lend(handle);
      return handle.value;
    },
    give: (context, value) => {
      const lent = resourceValue(value, resource);
      // A component gets its own resources back as the number it represents them by.
      if (lent instanceof GuestResource && context.ownsResource(resource)) return lent.rep;
      const scope = context.borrowScope;
      scope.borrows++;
      const ownership = { kind: "borrow", scope } as const;
      return context.instance.handles.add({ resource, value: lent, ownership, lends: 0 });
    },
  });
}

interface Transfer {
  take(context: CallContext, index: number): unknown;
  give(context: CallContext, value: unknown): number;
}

function handleDescriptor(layout: Layout, transfer: Transfer): Descriptor {
  return {
    layout,
    load: (context, address) => transfer.take(context, context.view.getUint32(address, true)),
    store: (context, value, address) => context.view.setUint32(address, transfer.give(context, value), true),
    lift: (context, source) => transfer.take(context, Number(source.values[source.next++]) >>> 0),
    lower: (context, value, target) => {
      target.push(transfer.give(context, value));
    },
  };
}

function resourceValue(value: unknown, resource: ResourceIndex): object {
  if (typeof value !== "object" || value === null) throw mismatch("a resource", value);
  if (value instanceof GuestResource && value.resource !== resource) throw mismatch("another resource", value);
  return value;
}
