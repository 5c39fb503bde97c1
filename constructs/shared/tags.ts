import { type IAspect, Token } from "cdktf";
import type { IConstruct } from "constructs";

/** Tag names and their values. */
export type TagMap = Readonly<Record<string, string>>;

/** A change of tags replaces these (`commonschema.TagsForceNew` in azurerm 4.55), so only their own tags stand. */
const REPLACED_BY_TAGS = new Set(["azurerm_machine_learning_datastore_datalake_gen2"]);

interface Taggable extends IConstruct {
  readonly terraformResourceType: string;
  readonly tagsInput?: TagMap;
  tags: TagMap;
}

/**
 * Puts the same tags on every Azure resource that takes tags.
 *
 * Precedence, weakest first: the tags given here, then those that the resource was made with. Azure compares tag names
 * without regard to case, so `Environment` on a resource replaces `environment` from here. A resource whose own tags are
 * known only when Terraform applies keeps those alone.
 */
export class Tags implements IAspect {
  public constructor(private readonly tags: TagMap) {}

  public visit(node: IConstruct): void {
    if (takesTags(node) && !Token.isUnresolved(node.tagsInput)) {
      node.tags = mergeTags(this.tags, node.tagsInput ?? {});
    }
  }
}

/** `stronger` over `weaker`, names compared without regard to case; the stronger one's spelling stands. */
export function mergeTags(weaker: TagMap, stronger: TagMap): TagMap {
  const taken = new Set(Object.keys(stronger).map((name) => name.toLowerCase()));
  const kept = Object.entries(weaker).filter(([name]) => !taken.has(name.toLowerCase()));
  return Object.fromEntries([...kept, ...Object.entries(stronger)].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Whether a node is an Azure resource that takes tags. */
export function takesTags(node: IConstruct): node is Taggable {
  if (!("tagsInput" in node) || !("terraformResourceType" in node)) {
    return false;
  }
  const type = String(node.terraformResourceType);
  if (type === "azapi_resource") {
    // ARM's tracked resources have a location and take tags; their children have neither.
    return "locationInput" in node && node.locationInput !== undefined;
  }
  return type.startsWith("azurerm_") && !REPLACED_BY_TAGS.has(type);
}
