/** Lock file of a stack's providers in the repository; `npm run lock` writes it and synth puts it beside the stack's JSON. */
export const lockFileOf = (stack: string): string => `locks/${stack}.lock.hcl`;

/** What Terraform calls it there. */
export const LOCK_FILE = ".terraform.lock.hcl";
