import { isObject } from "../json-values";

/** Words in the names of types whose objects hold something, in most providers. */
const HOLDS =
  /(^|_)(account|archive|backup|bucket|cache|catalog|certificate|cluster|collection|database|dataset|db|directory|disk|domain|fileshare|file_system|filesystem|hub|identity|image|index|instance|keyspace|keyring|key|lake|ledger|namespace|organization|partition|pool|project|queue|registry|repository|schema|secret|server|share|snapshot|storage|store|stream|table|tenant|topic|user|vault|volume|warehouse|workspace|zone)s?(_v\d+)?$/;

/** Last words of names of types that only say something about others. */
const HOLDS_NOTHING =
  /_(access|alarm|alert|assignment|association|attachment|binding|config|configuration|endpoint|group_rule|group_membership|link|listener|mapping|member|membership|option|options|parameter|parameter_group|peering|permission|policy|record|role|route|rule|schedule|setting|settings|subnet_group|subscription_filter|tag|target|template|trigger|validation|version)s?(_v\d+)?$/;

/** Arguments of objects that hold data: how much, for how long, how it is kept. */
const DATA_ARGUMENTS =
  /^(allocated_storage|storage_(size|gb|mb|type|encrypted|capacity)\w*|size_(in_)?gb|disk_size\w*|volume_size|capacity_(gb|in_gb)|max_size_gb|backup_\w+|retention_\w+|message_retention\w*|snapshot_\w+|point_in_time\w*|soft_delete\w*|final_snapshot\w*|versioning|kms_key_(id|arn|name)|encryption_at_rest\w*)$/;

/** Arguments whose blocks or lists are other objects inside. */
const CHILDREN =
  /^(databases?|node_pools?|default_node_pool|tables|queues|topics|shards?|partitions|users|members|records?|volumes|disks|storage_profile|data_disks?)$/;

/**
 * What there is to be said of the deletion of an object whose type is not known: by its name and its shape it may hold data.
 *
 * @param before values that it has
 */
export function lossByShape(type: string, before: unknown): string | undefined {
  if (HOLDS_NOTHING.test(type)) {
    return undefined;
  }
  const names = isObject(before) ? Object.entries(before).filter(([, value]) => holds(value)) : [];
  const data = names.map(([name]) => name).filter((name) => DATA_ARGUMENTS.test(name));
  const children = names.map(([name]) => name).filter((name) => CHILDREN.test(name));
  const signs = [
    ...(HOLDS.test(type) ? ["the name of its type"] : []),
    ...(data.length > 0 ? [data.slice(0, 3).join(", ")] : []),
    ...(children.length > 0 ? [`what is in it (${children.slice(0, 3).join(", ")})`] : []),
  ];
  return signs.length === 0
    ? undefined
    : `It may hold data, by ${signs.join(" and ")}; this review does not know the type: look into it before it is deleted.`;
}

function holds(value: unknown): boolean {
  return Array.isArray(value)
    ? value.length > 0
    : value !== null && value !== undefined && value !== false && value !== 0 && value !== "";
}
