import { readFileSync, writeFileSync } from "node:fs";
import { readArguments, RemoteError, runCommand } from "@edge-anomaly-detection/common";
import { signIn } from "@edge-anomaly-detection/doctor";
import { closePullRequest, GithubApi, openPullRequest } from "@edge-anomaly-detection/github";
import { type Candidate, registeredModels } from "./promotion/candidates";
import type * as Planning from "./promotion/plan";
import { readPromotion } from "./promotion/promotion";

const HELP = `Proposes the newest model that training registered, by a pull request that changes edge.versions.VERSION alone.

  npm run -s promote -- models --workspace ARM_ID --out models.json
      Reads the registered models, signed in to Azure as npm run doctor is.
  npm run -s promote -- image ENVIRONMENT VERSION --models models.json --out image.json
      Decides, and writes what the image with the models is to be built from, or why none is.
  npm run -s promote -- plan ENVIRONMENT VERSION --models models.json [--image TAG@DIGEST] --out promotion.json
      Decides and writes the change, or why there is none: the newest model must fit the detector and its signals, find more than
      a simpler one, and no fewer faults than the one in use. The image is the one that was built, by its digest; an environment
      with edge.modelStore takes none.
  Both take --shadow, which proposes the model as a shadow beside the one in use, and --detector TAG@DIGEST for another detector.
  npm run -s promote -- open promotion.json
      Opens the pull request from the branch promote/ENVIRONMENT-VERSION, brings it up to date, or closes it where there is no
      model to promote any more. Needs GITHUB_REPOSITORY, and GH_TOKEN with contents and pull requests: write.
  npm run -s promote -- --help

They are apart so that a pipeline gives each no right but its own. AZURE_RESOURCE_MANAGER and GITHUB_API_URL are other addresses.
Exit status: 0 done, also where there is nothing to promote; 1 refused or not reached; 2 invalid arguments.`;

type Variables = Readonly<Record<string, string | undefined>>;

/** What the command depends on; tests put their own in its place. */
export interface PromoteSurroundings {
  readonly variables: Variables;
  /** Token for a scope of Azure. @default - signs in */
  readonly tokenFor?: (scope: string) => Promise<string>;
  readonly planning?: Pick<typeof Planning, "planImage" | "planPromotion">;
}

/** Runs the command; returns its exit status. */
export async function promote(
  args: readonly string[],
  around: PromoteSurroundings = { variables: process.env },
): Promise<number> {
  const { words, flags, values, invalid: wrong } = readArguments(args, ["--help", "-h", "--shadow"], OPTIONS);
  if (flags.has("--help") || flags.has("-h")) {
    console.log(HELP);
    return 0;
  }
  const [command, ...rest] = words;
  const run = COMMANDS.get(command ?? "");
  const reason = wrong ?? (run === undefined ? "say models, image, plan or open" : undefined);
  if (reason !== undefined || run === undefined) {
    return invalid(reason ?? "");
  }
  try {
    return await run(rest, values, around, flags);
  } catch (error) {
    if (error instanceof RemoteError) {
      console.error(error.message);
      return 1;
    }
    throw error;
  }
}

const OPTIONS = ["--detector", "--image", "--models", "--out", "--workspace"];

type Command = (
  words: readonly string[],
  values: ReadonlyMap<string, string>,
  around: PromoteSurroundings,
  flags: ReadonlySet<string>,
) => Promise<number>;

const COMMANDS: ReadonlyMap<string, Command> = new Map([
  ["models", listModels],
  ["image", image],
  ["plan", plan],
  ["open", open],
]);

function invalid(reason: string): number {
  console.error(`${reason}\n\n${HELP}`);
  return 2;
}

const WORKSPACE =
  /^\/subscriptions\/[\w-]+\/resourceGroups\/[\w.()-]+\/providers\/Microsoft\.MachineLearningServices\/workspaces\/[\w-]+$/i;

async function listModels(...[words, values, { variables, tokenFor }]: Parameters<Command>): Promise<number> {
  const [workspace, out] = [values.get("--workspace"), values.get("--out")];
  if (words.length > 0 || out === undefined || workspace === undefined || !WORKSPACE.test(workspace)) {
    return invalid("name the workspace by its ARM id (--workspace), and a file (--out)");
  }
  const address = variables.AZURE_RESOURCE_MANAGER ?? "https://management.azure.com";
  const token = await (tokenFor ?? signIn(variables))(`${address}/.default`);
  const models = await registeredModels({ address, workspace, token });
  writeFileSync(out, `${JSON.stringify(models, undefined, 2)}\n`);
  console.log(
    models.length === 0 ? "no model is registered" : `${models.length} models, the newest ${models[0]?.version ?? ""}`,
  );
  return 0;
}

/** A tag and its digest, as an environment writes them. */
const PINNED = /^[A-Za-z0-9_][\w.-]{0,127}@sha256:[0-9a-f]{64}$/;

/** What `image` and `plan` take alike; text where an argument is wrong. */
function planArguments(
  words: readonly string[],
  values: ReadonlyMap<string, string>,
  flags: ReadonlySet<string>,
):
  | {
      readonly target: readonly [string, string];
      readonly models: readonly Candidate[];
      readonly out: string;
      readonly options: Planning.PromotionRequest;
    }
  | string {
  const [environment, version, more] = words;
  const [file, out, image, detector] = ["--models", "--out", "--image", "--detector"].map((name) => values.get(name));
  if (environment === undefined || version === undefined || more !== undefined) {
    return "name an environment and one of its versions";
  }
  if (file === undefined || out === undefined) {
    return "give --models and --out";
  }
  if ([image, detector].some((one) => one !== undefined && !PINNED.test(one))) {
    return "give --image and --detector as tag and digest, TAG@sha256:…";
  }
  const models = JSON.parse(readFileSync(file, "utf8")) as readonly Candidate[];
  const options = {
    shadow: flags.has("--shadow"),
    ...(image !== undefined && { image }),
    ...(detector !== undefined && { detector }),
  };
  return { target: [environment, version], models, out, options };
}

function image(...[words, values, around, flags]: Parameters<Command>): Promise<number> {
  const given = planArguments(words, values, flags);
  if (typeof given === "string") {
    return Promise.resolve(invalid(given));
  }
  const { planImage } = around.planning ?? loadPlanning();
  const request = planImage(...given.target, given.models, given.options);
  if (typeof request === "string") {
    return Promise.resolve(invalid(request));
  }
  writeFileSync(given.out, `${JSON.stringify(request, undefined, 2)}\n`);
  console.log(request.build ? `${request.repository}:${request.tag}` : `no image to build: ${request.reason}`);
  return Promise.resolve(0);
}

async function plan(...[words, values, around, flags]: Parameters<Command>): Promise<number> {
  const given = planArguments(words, values, flags);
  if (typeof given === "string") {
    return invalid(given);
  }
  const { planPromotion } = around.planning ?? loadPlanning();
  const promotion = await planPromotion(...given.target, given.models, given.options);
  if (typeof promotion === "string") {
    return invalid(promotion);
  }
  writeFileSync(given.out, `${JSON.stringify(promotion, undefined, 2)}\n`);
  console.log(promotion.promote ? promotion.title : `nothing to promote: ${promotion.reason}`);
  return 0;
}

/** Loaded where it is used: it needs the compiler and packages from npm, which run beside no token. */
function loadPlanning(): typeof Planning {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  return require("./promotion/plan") as typeof Planning;
}

async function open(...[words, , { variables }]: Parameters<Command>): Promise<number> {
  const [file, more] = words;
  const [token, repository] = [variables.GH_TOKEN, variables.GITHUB_REPOSITORY];
  if (file === undefined || more !== undefined) {
    return invalid("name the file that plan wrote");
  }
  if (token === undefined || repository === undefined || !/^[\w.-]+\/[\w.-]+$/.test(repository)) {
    return invalid("set GH_TOKEN, and GITHUB_REPOSITORY to OWNER/NAME");
  }
  const promotion = readPromotion(readFileSync(file, "utf8"));
  if (promotion === undefined) {
    return invalid(`${file} is no promotion`);
  }
  const api = new GithubApi({ address: variables.GITHUB_API_URL ?? "https://api.github.com", token });
  const done = promotion.promote
    ? await openPullRequest(api, repository, promotion)
    : await closePullRequest(api, repository, promotion.branch, `Nothing to promote any more: ${promotion.reason}.`);
  console.log(`pull request of ${promotion.branch}: ${done}`);
  return 0;
}

if (require.main === module) {
  runCommand(() => promote(process.argv.slice(2)));
}
