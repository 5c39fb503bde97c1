/** What one place of the configuration may contain, as `environments/environment-config.ts` declares it. */
export type Shape =
  | { readonly kind: "text"; readonly values?: readonly string[] }
  | { readonly kind: "number" }
  | { readonly kind: "boolean"; readonly only?: boolean }
  | { readonly kind: "list"; readonly item: Shape }
  | { readonly kind: "map"; readonly value: Shape }
  | { readonly kind: "object"; readonly properties: Readonly<Record<string, PropertyShape>> }
  | { readonly kind: "choice"; readonly shapes: readonly Shape[] };

/** One property of an object. */
export interface PropertyShape {
  readonly shape: Shape;
  /** Left out where the property is required. */
  readonly optional?: true;
  /** What the docstring says of it. */
  readonly doc?: string;
  /** What holds where it is left out, if the docstring names a value and not only words. */
  readonly default?: unknown;
}

/** Shapes of the three exported configurations. */
export interface ConfigurationShapes {
  readonly organization: Shape;
  readonly environment: Shape;
  readonly bootstrap: Shape;
}
