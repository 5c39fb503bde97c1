import { withoutSecrets } from "@edge-anomaly-detection/azure-facts";
import { shortened } from "../show-values";
import { visible } from "@edge-anomaly-detection/common";

/** A file that is no whole plan. The message is one line: which file, what is wrong, what to do; never a value of the file. */
export class PlanFileError extends Error {
  public constructor(file: string, problem: string, remedy: string) {
    super(`${file === "-" ? "standard input" : visible(file)}: ${problem}; ${remedy}`);
    this.name = "PlanFileError";
  }
}

/** What is wrong and what to do. */
export type Trouble = readonly [problem: string, remedy: string];

export const SHOW = "write it with `terraform show -json PLAN > plan.json`";
export const AGAIN = "write it again with `terraform show -json PLAN`";

/** Why a file cannot be opened or read, by code of the operating system. */
export const UNREADABLE: Readonly<Record<string, Trouble>> = {
  ENOENT: ["there is no such file", "check the path"],
  EISDIR: ["it is a folder", "name the file in it"],
  EACCES: ["it may not be read", "check its permissions"],
};

/** How files begin that are no JSON text in UTF-8. */
const MAGIC: readonly (readonly [bytes: string, Trouble])[] = [
  ["504b0304", ["it is a plan as Terraform saves it, not as JSON", SHOW]],
  ["1f8b", ["it is compressed", "unpack it first"]],
  ["fffe", ["it is UTF-16 text, as PowerShell's > writes it", "write it with `| Out-File -Encoding utf8`"]],
  ["feff", ["it is UTF-16 text", "write it as UTF-8"]],
];

/** What is wrong with a file that begins like this; nothing for most. */
export function magicTrouble(head: Buffer): Trouble | undefined {
  return MAGIC.find(([bytes]) => head.toString("hex").startsWith(bytes))?.[1];
}

/** First lines that other programs write before what Terraform prints. */
const WRAPPERS: readonly (readonly [line: RegExp, Trouble])[] = [
  [
    /^\s*\[command\]/,
    [
      "a line of setup-terraform's wrapper (`[command]…`) stands before the JSON",
      "set `terraform_wrapper: false` for hashicorp/setup-terraform, or write the file with `terraform-bin show -json PLAN`",
    ],
  ],
  [
    /^\s*(?:\x1b\[[\d;]*m)*(?:time=\S+ level=|\d\d:\d\d:\d\d(?:\.\d+)?\s+(?:\x1b\[[\d;]*m)*(?:STDOUT|STDERR|ERROR|WARN|INFO|DEBUG|TRACE)\b|\[terragrunt\]|(?:INFO|WARN|ERRO|DEBU)\[\d+\])/,
    [
      "a log line of Terragrunt stands before the JSON",
      "write it with `terragrunt show -json PLAN --log-disable` or `--terragrunt-forward-tf-stdout`, and 2> apart from >",
    ],
  ],
  [
    /^\s*(?:::[a-z-]+[ :]|##\[)/,
    [
      "a line for GitHub Actions or Azure Pipelines stands before the JSON",
      "write what Terraform prints alone to the file",
    ],
  ],
  [
    /^\s*(?:\x1b\[|Terraform (?:will perform|used the selected)|No changes\.|Acquiring state lock|Refreshing state|Initializing |╷|│|Warning:|Error:)/,
    ["it is what Terraform prints for people, or has that before the JSON", SHOW],
  ],
];

/** What stands before the JSON of a file that begins like this; nothing where it is no program that is known. */
export function wrapperTrouble(head: string): Trouble | undefined {
  return WRAPPERS.find(([line]) => line.test(head.replace(/^\uFEFF/, "")))?.[1];
}

/** Names at the top of other documents that Terraform writes. */
const OTHER_DOCUMENTS: readonly (readonly [names: readonly string[], Trouble])[] = [
  [
    ["@level"],
    [
      "it is the log of `terraform plan -json`",
      "save the plan with -out and show that with `terraform show -json PLAN`",
    ],
  ],
  [["lineage"], ["it is a state file, not a plan", SHOW]],
  [["values"], ["it is a state, not a plan", "name the plan file: `terraform show -json PLAN`"]],
  [["provider_schemas"], ["it holds providers' schemas, not a plan", SHOW]],
];

/** What a document is that has these names at its top; nothing for a plan. */
export function otherDocument(names: ReadonlySet<string>): Trouble | undefined {
  return OTHER_DOCUMENTS.find(([known]) => known.some((name) => names.has(name)))?.[1];
}

/** What is wrong with a version of the format; nothing for 1.x. */
export function formatTrouble(format: string): Trouble | undefined {
  if (/^1(\.|$)/.test(format)) {
    return undefined;
  }
  const named = /^\d{1,4}(\.\d{1,4}){0,2}$/.test(format) ? `its format is "${format}"` : "its format is no version";
  return format.startsWith("0.")
    ? // https://developer.hashicorp.com/terraform/internals/json-format: "as of Terraform 1.1.0 has value 1.0".
      [
        `${named}; this reads format 1.x`,
        "make the plan with Terraform 1.1.0, the first release that writes 1.0, or a newer one",
      ]
    : [
        `${named}; this reads format 1.x`,
        "use a release of Terraform that writes it (1.1.0 or newer), or a newer review",
      ];
}

/** A name from a plan as a message may have it. */
export const nameInMessage = (name: string): string => visible(shortened(withoutSecrets(name), 80));
