import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { isObject } from "@edge-anomaly-detection/common";
import { HcpTerraformError } from "./error";

/**
 * The token for an installation, found where Terraform's own command line finds it: the variable `TF_TOKEN_app_terraform_io`,
 * then what `terraform login` has written. Never printed.
 *
 * @param host host of the installation, `app.terraform.io`
 * @throws HcpTerraformError where there is none
 */
export function tokenFor(
  host: string,
  variables: NodeJS.ProcessEnv = process.env,
  file = join(homedir(), ".terraform.d", "credentials.tfrc.json"),
): string {
  const token = variables[tokenVariable(host)] ?? tokenInFile(host, file);
  if (token === undefined || token.trim() === "") {
    throw new HcpTerraformError(
      `there is no token for ${host}`,
      `run \`terraform login ${host}\`, or put a team's token into ${tokenVariable(host)}`,
    );
  }
  return token.trim();
}

/** The variable of a host, as Terraform names it: dots are underscores, hyphens are two. */
export function tokenVariable(host: string): string {
  return `TF_TOKEN_${host.replaceAll("-", "__").replaceAll(".", "_")}`;
}

function tokenInFile(host: string, file: string): string | undefined {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
  const parsed = parse(text);
  const credentials = isObject(parsed) ? parsed.credentials : undefined;
  const entry = isObject(credentials) && Object.hasOwn(credentials, host) ? credentials[host] : undefined;
  return isObject(entry) && typeof entry.token === "string" ? entry.token : undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // What is in it is a secret: nothing of it goes into a message.
    return undefined;
  }
}
