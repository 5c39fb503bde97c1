/** What stands for a secret in every output. */
export const HIDDEN = "(sensitive)";

/** Arguments that hold secrets in types of the providers used here, by their last name. */
const SECRET_NAMES =
  /(^|_)(password|secret|token|connection_string|private_key|(access|account|primary|secondary|shared|symmetric)_key)(_|$)/;

/** Forms of secrets inside other text: keys in connection strings, signatures of links, private keys. */
const SECRET_TEXT =
  /((?:SharedAccessKey|AccountKey|SharedAccessSignature|Password|Pwd)\s*=\s*)[^;"'\s]+|([?&]sig=)[^&"'\s]+|-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/gi;

/**
 * Whether an argument holds a secret by its name, whatever its provider says.
 *
 * @param path path of the argument, `os_profile[0].admin_password`
 */
export function isSecretPath(path: string): boolean {
  const name =
    path
      .replace(/\[[^\]]*\]/g, "")
      .split(".")
      .at(-1) ?? "";
  return SECRET_NAMES.test(name);
}

/** A text without the secrets that stand in it in a known form. */
export function withoutSecrets(text: string): string {
  return text.replace(
    SECRET_TEXT,
    (_all, key: string | undefined, signature: string | undefined) => `${key ?? signature ?? ""}${HIDDEN}`,
  );
}
