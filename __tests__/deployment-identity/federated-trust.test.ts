import fc from "fast-check";
import {
  githubRepositoryProblems,
  githubTrust,
  hcpTerraformTrust,
} from "../../constructs/deployment-identity/federated-trust";
import { federatedTrustProblems } from "../../constructs/deployment-identity/pipeline-identity";
import { paths } from "../support/synth";

const repository = { owner: "contoso", repository: "edge" };

test("a GitHub environment is told by repository and name", () => {
  expect(githubTrust(repository, "dev-plan")).toMatchObject({
    issuer: "https://token.actions.githubusercontent.com",
    subject: "repo:contoso/edge:environment:dev-plan",
  });
});

test("where GitHub puts numbers into its tokens, they are part of it", () => {
  const { subject } = githubTrust({ ...repository, ownerId: 123456, repositoryId: 456789 }, "dev");
  expect(subject).toBe("repo:contoso@123456/edge@456789:environment:dev");
});

test("a workspace is told by organisation, project, name and phase", () => {
  const workspace = { organization: "contoso", project: "Default Project", workspace: "edge-prod" };
  expect(hcpTerraformTrust(workspace, "apply")).toMatchObject({
    issuer: "https://app.terraform.io",
    subject: "organization:contoso:project:Default Project:workspace:edge-prod:run_phase:apply",
  });
  expect(hcpTerraformTrust({ ...workspace, hostname: "tfe.example.com" }, "plan")).toMatchObject({
    issuer: "https://tfe.example.com",
    subject: expect.stringMatching(/:run_phase:plan$/),
  });
});

test("no two environments, repositories or phases have the same subject", () => {
  const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,31}$/);
  const number = fc.option(fc.integer({ min: 1 }), { nil: undefined });
  const trust = fc.record({ owner: name, repository: name, environment: name, number });
  const subjectOf = ({ owner, repository: its, environment, number: id }: TrustInput): string =>
    githubTrust({ owner, repository: its, ownerId: id, repositoryId: id }, environment).subject;
  fc.assert(
    fc.property(trust, trust, (a, b) => {
      expect(subjectOf(a) === subjectOf(b)).toBe(JSON.stringify(a) === JSON.stringify(b));
    }),
  );
});

interface TrustInput {
  readonly owner: string;
  readonly repository: string;
  readonly environment: string;
  readonly number: number | undefined;
}

describe("validation errors about a repository", () => {
  test.each([
    [{ ...repository, owner: "-contoso" }, "owner"],
    [{ ...repository, owner: "a".repeat(40) }, "owner"],
    [{ ...repository, owner: "contoso/edge" }, "owner"],
    [{ ...repository, repository: ".." }, "repository"],
    [{ ...repository, repository: "a".repeat(101) }, "repository"],
    [{ ...repository, repository: "https://github.com/contoso/edge" }, "repository"],
    [{ ...repository, ownerId: 0, repositoryId: 1 }, "ownerId"],
    [{ ...repository, ownerId: 1, repositoryId: 1.5 }, "repositoryId"],
    [{ ...repository, ownerId: 1 }, "repositoryId"],
    [{ ...repository, repositoryId: 1 }, "ownerId"],
  ])("%j", (configuration, path) => {
    expect(paths(githubRepositoryProblems(configuration))).toEqual([path]);
  });

  test.each([
    { owner: "a".repeat(39), repository: ".github" },
    { ...repository, ownerId: 1, repositoryId: 2 },
  ])("%j is none", (configuration) => {
    expect(githubRepositoryProblems(configuration)).toEqual([]);
  });
});

describe("validation errors about whom an identity trusts", () => {
  const trust = githubTrust(repository, "dev");
  const many = (count: number): (typeof trust)[] =>
    Array.from({ length: count }, (_, index) => ({ ...trust, name: `trust-${index}` }));

  test.each([
    [0, ["trusts"]],
    [1, []],
    [20, []],
    [21, ["trusts"]],
  ])("%p trusts", (count, expected) => {
    expect(paths(federatedTrustProblems(many(count)))).toEqual(expected);
  });

  test.each([
    [600, []],
    [601, ["trusts[0].subject"]],
  ])("a subject of %p characters", (length, expected) => {
    expect(paths(federatedTrustProblems([{ ...trust, subject: "s".repeat(length) }]))).toEqual(expected);
  });

  test("all are told at once", () => {
    const problems = federatedTrustProblems([
      { ...trust, name: "a", issuer: "http://example.com" },
      { ...trust, issuer: "https://example.com/" },
      { ...trust, name: "GitHub", subject: "" },
    ]);
    expect(paths(problems)).toEqual([
      "trusts[0].name",
      "trusts[0].issuer",
      "trusts[1].issuer",
      "trusts[2].subject",
      "trusts[2].name",
    ]);
  });
});
