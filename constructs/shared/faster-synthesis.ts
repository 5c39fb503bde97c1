import {
  DefaultTokenResolver,
  StringConcat,
  type TerraformElement,
  TerraformOutput,
  TerraformStack,
  Tokenization,
} from "cdktf";
import { deepMerge } from "cdktf/lib/util";
import { elementsOf } from "./terraform-elements";

/*
 * Everything here makes cdktf 0.21 do less, and writes the same JSON to the byte (tests compare). Processor time of `npm run synth`
 * without each, beside the time with all of them: the median of 15 runs in turn, Node 20.20.2, two cores, 2026-11-25,
 * four stacks, 0.58 s with all.
 *
 *   IndependentStack        1.20   no second resolving of every stack, and no search for references between stacks
 *   withoutTokenTraces      1.33   no stack trace for each token
 *   writeOnce               1.14   the JSON that the rules have read is what is written
 *   .config/no-archiver.cjs 1.07   a package that cdktf loads and that is not used here (an alias in .config/run.mjs)
 *
 * A successor of cdktf that does this itself makes the file superfluous.
 */

const RESOLVER = new DefaultTokenResolver(new StringConcat());

/**
 * A stack that refers to no other and that no other refers to. It writes what every stack writes, in two thirds of the time
 * ([decision](../../docs/decisions/0002-synthesis.md)).
 */
export abstract class IndependentStack extends TerraformStack {
  /**
   * Looks for references from one stack to another, by resolving everything once more. There are none; a wrong assumption shows as a
   * reference to an undeclared resource when Terraform validates.
   */
  public override prepareStack(): void {
    this.ensureBackendExists();
  }

  /**
   * What Terraform reads. cdktf resolves each element and then everything once more; after the first time there are tokens in
   * overrides of the stack alone.
   */
  public override toTerraform(): object {
    const elements = elementsOf(this);
    const { rawOverrides } = this as unknown as { readonly rawOverrides: Readonly<Record<string, unknown>> };
    const sections: Record<string, unknown> = { "//": this.describe(elements, Object.keys(rawOverrides)) };
    for (const element of elements) {
      deepMerge(sections, this.resolve(element.toTerraform()));
    }
    deepMerge(sections, rawOverrides);
    for (const section of Object.keys(rawOverrides)) {
      sections[section] = this.resolve(sections[section]);
    }
    return sections;
  }

  /** What cdktf's command line reads: which backend there is, and what outputs are called. */
  private describe(elements: readonly TerraformElement[], overrides: readonly string[]): unknown {
    const metadata = {
      version: this.node.tryGetContext("cdktfVersion") as unknown,
      stackName: this.node.id,
      backend: "local",
      ...(overrides.length > 0 && { overrides: { stack: overrides } }),
    };
    const outputs = {};
    for (const element of elements) {
      deepMerge(metadata, given(element.toMetadata() as object));
      if (TerraformOutput.isTerraformOutput(element)) {
        deepMerge(outputs, nested(element.node.path.split("/"), element.friendlyUniqueId));
      }
    }
    return this.resolve({ metadata, outputs });
  }

  private resolve(value: unknown): unknown {
    return Tokenization.resolve(value, { scope: this, resolver: RESOLVER });
  }
}

const nested = (path: readonly string[], value: unknown): unknown =>
  path.reduceRight<unknown>((inner, name) => ({ [name]: inner }), value);

/** Without what is `undefined`, which would take away what another element has said. */
const given = (values: object): object =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));

/** What Terraform will read of a stack as it is now, whatever an earlier synthesis, which failed, has left. */
export function writtenOf(stack: TerraformStack): object {
  Reflect.deleteProperty(stack, "toTerraform");
  return stack.toTerraform() as object;
}

/** Gives cdktf, when it writes the stack next, what `written` is: making it again would double the cost. */
export function writeOnce(stack: TerraformStack, written: object): void {
  stack.toTerraform = () => {
    Reflect.deleteProperty(stack, "toTerraform");
    return written;
  };
}

type CaptureStackTrace = (target: object) => void;

/**
 * cdktf asks with `Error.captureStackTrace` where each token was made, which nothing here reads. Errors get their own traces
 * without it.
 */
export function withoutTokenTraces<T>(run: () => T): T {
  const errors: { captureStackTrace: CaptureStackTrace } = Error;
  const before = errors.captureStackTrace;
  errors.captureStackTrace = () => undefined;
  try {
    return run();
  } finally {
    errors.captureStackTrace = before;
  }
}
