import type { Risk } from "../../report/report";

/** What the rules found, and which paths they needed that are not known yet. */
export interface Found {
  readonly risks: readonly Risk[];
  readonly unjudged: readonly string[];
}

export const NOTHING: Found = { risks: [], unjudged: [] };

/** Whether a role gives rights to everything, or the right to give rights. */
export const isPrivileged = (role: string): boolean =>
  /^(owner|user access administrator|role based access control administrator.*|access review operator.*|reservations administrator|privileged .*administrator|global administrator|application administrator|cloud application administrator|hybrid identity administrator|roles\/(owner|editor|iam\.\w*admin|resourcemanager\.\w*admin)|roles\/.*\.(admin|setIamPolicy)|cluster-admin|.*\/(administratoraccess|iamfullaccess|poweruseraccess))$/i.test(
    role,
  );

/** Names of everybody: signed in or not. */
export const EVERYBODY = /^(allUsers|allAuthenticatedUsers|\*|system:(anonymous|unauthenticated|authenticated))$/;

/** Shown for a value that a plan does not know yet. */
export const PENDING = "(known after apply)";
