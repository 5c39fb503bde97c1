import {
  DefaultTokenResolver,
  StringConcat,
  type TerraformElement,
  TerraformOutput,
  TerraformStack,
  Tokenization,
} from "cdktf";
import { deepMerge } from "cdktf/lib/util";
import { elementsOf } from "../constructs/shared/elements";

const RESOLVER = new DefaultTokenResolver(new StringConcat());

/**
 * A stack that refers to no other and that no other refers to. It writes what every stack writes, in two thirds of the time
 * ([decision](../docs/decisions/0002-synthesis.md)).
 */
export abstract class IndependentStack extends TerraformStack {
  /**
   * Looks for references from one stack to another, by resolving everything once more. There are none; a mistake shows as a
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
