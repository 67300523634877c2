declare const brand: unique symbol;

/** A `Base` that only the functions which check it can make. */
export type Branded<Base, Name extends string> = Base & { readonly [brand]: Name };
