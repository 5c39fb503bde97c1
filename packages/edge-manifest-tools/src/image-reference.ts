/** An image taken apart; what it does not name is left out. */
export interface ImageParts {
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: string;
}

/** An image taken apart, whether it is right or not. */
export function splitImage(image: string): ImageParts {
  const [name = "", digest] = image.split("@", 2);
  const colon = name.indexOf(":", name.lastIndexOf("/") + 1);
  const tag = colon < 0 ? undefined : name.slice(colon + 1);
  return {
    repository: colon < 0 ? name : name.slice(0, colon),
    ...(tag !== undefined && { tag }),
    ...(digest !== undefined && { digest }),
  };
}

/** An image's repository with its registry, in lower case, without tag and digest. */
export function repositoryOf(image: unknown): string {
  return typeof image === "string" ? splitImage(image.trim()).repository.toLowerCase() : "";
}

const HOST_PART = "(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])";
const REGISTRY = new RegExp(String.raw`^(?:${HOST_PART}(?:\.${HOST_PART})*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?$`);
const PATH_PART = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const TAG = /^\w[\w.-]{0,127}$/;
const DIGEST = /^[A-Za-z][A-Za-z0-9]*(?:[+._-][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}$/;
const DIGEST_LENGTHS: Readonly<Record<string, number>> = { sha256: 64, sha384: 96, sha512: 128 };
const MAX_NAME = 255;

/** Why an image cannot be deployed, and what would be right. */
export interface ImageMistake {
  readonly problem: string;
  readonly remedy: string;
}

/**
 * What Docker's grammar (github.com/distribution/reference) or the agent's (Azure/iotedge, `DockerConfig.cs` and
 * `NestedEdgeParentUriParser.cs`) refuses in an image reference. The agent takes blanks around it away.
 */
export function imageMistake(written: string): ImageMistake | undefined {
  const image = written.trim();
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(image)) {
    return { problem: "has a scheme", remedy: "write the registry without https://" };
  }
  if (image.startsWith("$") && !/^\$upstream:[1-9]\d*\//.test(image)) {
    return {
      problem: image.startsWith("$upstream") ? "has $upstream without a port" : "starts with $",
      remedy: "for the parent of a nested device write $upstream:443/name:tag, with a port",
    };
  }
  const { repository, tag, digest } = splitImage(image.replace(/^\$upstream/, "parent"));
  return (
    repositoryMistake(repository) ??
    (tag !== undefined && digest !== undefined
      ? { problem: "has both a tag and a digest", remedy: "write one of the two: the agent refuses both together" }
      : undefined) ??
    (tag !== undefined && !TAG.test(tag)
      ? {
          problem: tag === "" ? "has an empty tag" : "has a tag that Docker does not take",
          remedy: "write 1 to 128 letters, digits, dots, hyphens and underscores behind the colon",
        }
      : undefined) ??
    (digest !== undefined && !isDigest(digest)
      ? { problem: "has a digest that is none", remedy: "write @sha256: and 64 hexadecimal digits" }
      : undefined)
  );
}

function isDigest(digest: string): boolean {
  const [algorithm = "", hex = ""] = digest.split(":", 2);
  const length = DIGEST_LENGTHS[algorithm.toLowerCase()];
  return DIGEST.test(digest) && (length === undefined || hex.length === length);
}

function repositoryMistake(repository: string): ImageMistake | undefined {
  const [first = "", ...rest] = repository.split("/");
  // As Docker tells a registry from the first part of a path.
  const hasRegistry = rest.length > 0 && (/[.:A-Z[]/.test(first) || first === "localhost");
  const path = hasRegistry ? rest : [first, ...rest];
  if (hasRegistry && !REGISTRY.test(first)) {
    return { problem: "has a registry that is no host", remedy: "write a host name, with a port where it needs one" };
  }
  if (path.some((part) => /[A-Z]/.test(part))) {
    return { problem: "has upper-case letters in its repository", remedy: "write the repository in lower case" };
  }
  if (path.some((part) => !PATH_PART.test(part))) {
    return {
      problem: "has a repository that Docker does not take",
      remedy: "write parts of lower-case letters and digits, with dots, hyphens or underscores between them",
    };
  }
  if (repository.length > MAX_NAME) {
    return { problem: `has a repository of ${repository.length} characters`, remedy: `use at most ${MAX_NAME}` };
  }
  return /^[0-9a-f]{64}$/.test(repository)
    ? { problem: "is an image's id", remedy: "write a repository and a tag or digest" }
    : undefined;
}
