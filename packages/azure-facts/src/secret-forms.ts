import { HIDDEN } from "./secret-arguments";

/** Words in whose names a secret stands, in text: `db_password`, `device_id_pk`. */
const WORDS =
  "(?:password|passwd|pwd|passphrase|secret|token|credential|connection[_-]?string|[_-]pk|[_-]pat|" +
  "(?:api|access|account|private|primary|secondary|shared|shared[_-]?access|master|storage|signing|encryption|symmetric|" +
  "sas|device|host|function|functions|subscription|instrumentation|registration|enrollment|license)[_-]?key)(?:_base64|_value|s)?";

/** A name that ends in one of them, from its beginning on; as long as names are. */
const NAME = `(?<!\\b(?:where|and|or|on|having)\\s{1,8})(?<![\\w.-])["']?[\\w.$:-]{0,80}${WORDS}["']?`;

/** Values that are none: expressions of Terraform and of shells, references, switches. */
const NO_VALUE =
  "(?!\\$\\{|\\$\\(|%\\{|<%|\\{\\{|(?:var|local|data|module|each|random_\\w{1,20})\\.|(?:true|false|null|none)\\b)";

const form = (source: string, flags = "gi"): RegExp => new RegExp(source, flags);

/** Links by which whoever has them may do something: what is behind this is a secret. */
const LINKS: readonly string[] = [
  "hooks\\.slack(?:-gov)?\\.com/(?:services|workflows|triggers)/",
  "(?:[\\w-]{1,40}\\.)?discord(?:app)?\\.com/api/(?:v\\d+/)?webhooks/",
  "[\\w.-]{0,80}webhook\\.office\\.com/webhookb2/",
  "outlook\\.office(?:365)?\\.com/webhook/",
  "api\\.telegram\\.org/bot",
  "events\\.(?:eu\\.)?pagerduty\\.com/integration/",
  "alert\\.victorops\\.com/integrations/",
  "hooks\\.zapier\\.com/hooks/catch/",
  "maker\\.ifttt\\.com/trigger/[^/\\s]{1,80}/(?:json/)?with/key/",
  // Mattermost, Rocket.Chat, GitLab and others.
  "[\\w.:-]{1,120}/(?:hooks|webhooks?|incoming-webhook)/(?=[^\\s\"'<>]{0,200}[\\w-]{16})",
];

/** Tokens that are known by how they begin. */
const TOKENS: readonly string[] = [
  // JSON web tokens, encrypted ones too.
  "eyJ[\\w-]{8,}\\.[\\w-]{4,}(?:\\.[\\w-]*){1,3}",
  "gh[pousr]_\\w{16,}|github_pat_\\w{16,}",
  "gl(?:pat|dt|rt|cbt|ptt|ft|soat|imt|agent)-[\\w-]{16,}",
  "xox[abeoprs]-[\\w-]{8,}|xapp-[\\w-]{8,}|xoxe\\.[\\w.-]{8,}",
  "(?:AKIA|ASIA)[A-Z0-9]{12,}",
  "sk-[\\w-]{16,}|[sr]k_(?:live|test)_\\w{8,}|whsec_[\\w+/=]{8,}",
  "npm_\\w{16,}|pypi-[\\w-]{16,}|rubygems_\\w{16,}|dckr_(?:pat|oat)_[\\w-]{8,}",
  "hv[sbr]\\.[\\w-]{16,}|hf_\\w{16,}|AIza[\\w-]{30,}|ya29\\.[\\w.-]{16,}",
  "SG\\.[\\w-]{8,}\\.[\\w-]{8,}|dop_v1_\\w{16,}|shp(?:at|ca|pa|ss)_\\w{16,}|sq0(?:atp|csp)-[\\w-]{16,}",
  "dapi[0-9a-f]{32}|gl(?:c|sa)_[\\w=-]{16,}|NRAK-\\w{16,}|PMAK-[\\w-]{16,}|lin_api_\\w{16,}|AGE-SECRET-KEY-\\w{16,}",
  "\\w{14}\\.atlasv1\\.[\\w-]{40,}",
];

/** Secrets inside other text; what the first group has stays. A value that is an expression of Terraform (`${…}`) is none. */
const SECRET_TEXT: readonly RegExp[] = [
  // Keys in connection strings.
  form(
    "((?:SharedAccessKey|SharedSecretValue|AccountKey|AccessKey|InstrumentationKey|SharedAccessSignature|ClientSecret|client_secret|access_token|Password|Pwd)\\s*=\\s*)(?!\\$\\{|=|<<|var\\.|local\\.|data\\.|module\\.|random_)[^;&\"'\\\\\\s]+",
  ),
  // Parts of links, as they are and as JSON, HTML and other links write them.
  form(
    "((?:[?&]|\\\\u0026|&amp;)(?:sig|code|token|access_token|key|api[_-]?key|subscription-key|password|secret|auth|x-functions-key)=)(?!\\$\\{)[^&\"'\\\\\\s<>]+",
  ),
  form("((?:%3F|%26)(?:sig|code|token)%3D)[\\w.~%+-]+"),
  form(`(https?:\\\\?/\\\\?/(?:${LINKS.join("|")}))(?!\\$\\{)[^\\s"'<>\\\\]+`),
  form("(://[^/\\s:@\"'$]{1,200}:)(?!\\$\\{)[^/\\s:@\"']+(?=@)"),
  // Members of JSON inside text, quoted once or more.
  form(
    `((?<!\\\\)\\\\*"(?:[\\w.:-]{0,80}(?:${WORDS}|primaryKey|secondaryKey)|auth|_pk)\\\\*"\\s*:\\s*\\\\*")(?!\\$\\{)[^"\\\\]+`,
  ),
  form("(\\bBearer\\s+)(?!\\$\\{)[\\w.~+/=-]{16,}", "g"),
  form("(\\bBasic\\s+)[A-Za-z0-9+/]{16,}={0,2}(?![\\w-])", "g"),
  // HCL, TOML, PowerShell and properties: `name = "value"`, three quotes, heredocs, tables, sections, values without quotes.
  form(`(${NAME}[ \\t]{0,40}(?::=|=>?)[ \\t]{0,40}("""|'''))[\\s\\S]*?(?=\\2|$)`),
  form(`(${NAME}[ \\t]{0,40}(?::=|=>?)[ \\t]{0,40}(["']))(?!\\2)${NO_VALUE}(?:(?!\\2)[^\\\\\\n]|\\\\.)+`),
  form(
    `(${NAME}[ \\t]{0,40}=[ \\t]{0,40}<<[-~]?[ \\t]{0,40}["']?(\\w+)["']?[^\\n]{0,40}\\n)[\\s\\S]*?(?=\\n[ \\t]*\\2|$)`,
  ),
  form(`(${NAME}[ \\t]{0,40}=[ \\t]{0,40}\\{[^}\\n]{0,200}?(?:value|uri|key)[ \\t]{0,40}=[ \\t]{0,40}["'])[^"'\\n]+`),
  form(
    `(\\[[\\w."-]{0,80}${WORDS}[\\w"-]{0,40}\\][^\\n]{0,80}\\n(?:[ \\t]*#[^\\n]*\\n){0,5}[ \\t]*value[ \\t]*=[ \\t]*["'])[^"'\\n]+`,
  ),
  form(`(^[ \\t]*(?:export )?[\\w.$:-]{0,80}${WORDS}[ \\t]+=[ \\t]+)${NO_VALUE}(?!["'$({<\\[])[^\\s#;]+`, "gim"),
  // Variables and settings (`API_KEY=…`), members of YAML, options of commands (`--password …`).
  form(`((?<![\\w.-])[\\w.-]{0,80}${WORDS}=['"]?)(?![$=(])[^\\s'";&\\\\,)]+`),
  form(
    `(^([ \\t]*)(?:- )?["']?[\\w.-]{0,80}${WORDS}["']?:[ \\t]*[|>][+-]?\\d?[ \\t]*\\n)(?:\\2[ \\t]+[^\\n]*(?:\\n|$)|[ \\t]*\\n)+`,
    "gim",
  ),
  form(`(^[ \\t]*(?:- )?["']?[\\w.-]{0,80}${WORDS}["']?:[ \\t]+["']?)(?![$(|>{[]|\\d{1,4}\\s*$)[^\\s'"\\\\]+`, "gim"),
  form(`((?<![\\w-])--?[\\w-]{0,80}${WORDS}[ =]+["']?)(?![$(=-])[^\\s'"\\\\]+`),
  form("(\\blogin[ \\t]+\\S{1,200}[ \\t]+password[ \\t]+)\\S+"),
  // PowerShell: a text made a secure string, and secure strings as they are exported.
  form("(ConvertTo-SecureString\\s+(?:-(?:AsPlainText|Force)\\s+){0,2}(?:-String\\s+)?[\"'])[^\"'\\n]+"),
  form("(ConvertTo-SecureString\\s+(?:-(?:AsPlainText|Force)\\s+){0,2}(?:-String\\s+)?)(?![-$(\"'])\\S+"),
  /01000000d08c9ddf[0-9a-f]{16,}|76492d1116743f0423413b16050a5345[A-Za-z0-9+/=]*/gi,
  // XML: elements, and attributes that name another's value.
  form(`(<(?:\\w{1,40}:)?\\w{0,80}${WORDS}\\w{0,40}(?:\\s[^<>]{0,200})?>\\s{0,40}(?:<Value>\\s{0,40})?)(?![<$])[^<]+`),
  form(
    `(\\b(?:key|name)\\s{0,4}=\\s{0,4}["'][^"'<>]{0,80}${WORDS}[^"'<>]{0,80}["']\\s{1,40}(?:value|connectionString)\\s{0,4}=\\s{0,4}["'])(?!\\$\\{)[^"']+`,
  ),
  form(
    `(\\bvalue\\s{0,4}=\\s{0,4}["'])(?!\\$\\{)[^"'<>]+(?=["']\\s{1,40}(?:key|name)\\s{0,4}=\\s{0,4}["'][^"'<>]{0,80}${WORDS})`,
  ),
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
  form(`(?<![\\w-])(?:${TOKENS.join("|")})`, "g"),
  // Client secrets of Entra ID; keys of Azure Storage; keys of 32 bytes, such as a device's, behind a `value`.
  /(?<![\w~.-])[\w~.-]{3}[0-9]Q~[\w~.-]{31,34}(?![\w~.-])/g,
  /(?<![\w+/])[\w+/]{86}==/g,
  /(\bvalue["']?\s{0,4}[=:]\s{0,4}["']?)[A-Za-z0-9+/]{43}=(?![\w=])/g,
];

/** What each of these forms has in it: most texts are done with after this. */
const MAY_HOLD_SECRET =
  /key|secret|token|passw|passphrase|pwd|_pk|-pk|[_-]pat|credential|signature|connection|sig=|code=|sig%3d|code%3d|auth|bearer|basic\s|hook|telegram|pagerduty|ifttt|victorops|eyj|gh[pousr]_|gl\w{1,5}[-_]|xox|xapp-|akia|asia|sk-|[sr]k_|whsec|npm_|pypi-|rubygems|dckr_|hv[sbr]\.|hf_|aiza|ya29|sg\.|dop_v1|shp|sq0|dapi|securestring|nrak|pmak|lin_api|atlasv1|q~|==|value|01000000d0|76492d11|:\/\/[^/\s]{0,200}@/i;

/** What stands in a template for a value that a program puts in: `CONNECTION_STRING`. */
const PLACEHOLDER = /^[A-Z]+(_[A-Z]+)+$/;

/** A text without the secrets that stand in it in a known form. */
export function withoutSecrets(text: string): string {
  if (!MAY_HOLD_SECRET.test(text)) {
    return text;
  }
  return SECRET_TEXT.reduce(
    (rest, pattern) =>
      rest.replace(pattern, (all: string, group: unknown) => {
        const before = typeof group === "string" ? group : "";
        return PLACEHOLDER.test(all.slice(before.length)) ? all : `${before}${HIDDEN}`;
      }),
    text,
  );
}
