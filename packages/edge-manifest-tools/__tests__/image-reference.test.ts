import { imageMistake } from "../src/image-reference";

const SHA256 = "a".repeat(64);

test.each([
  "nginx",
  "nginx:1.27",
  "library/nginx",
  "mcr.microsoft.com/azureiotedge-agent:1.6.1",
  "mcr.microsoft.com/azureiotedge-simulated-temperature-sensor:1.6.1-linux-arm64v8",
  "localhost/x",
  "localhost:5000/a/b_c/d__e/f-g--h/i.j:V1.0_rc-2",
  "192.168.1.4:5000/x:1",
  "[::1]:5000/x:1",
  "MyRegistry.azurecr.io/app:1.0",
  `mcr.microsoft.com/app@sha256:${SHA256}`,
  "$upstream:443/azureiotedge-agent:1.6.1",
  "$upstream:8000/a/b",
  "  cr.example/app:1.0 ",
  `app:${"x".repeat(128)}`,
  "microsoft/azureiotedge-modbus-tcp:1.0-preview",
])("%s is deployed", (image) => {
  expect(imageMistake(image)).toBeUndefined();
});

test.each([
  ["https://cr.example/app:1.0", "has a scheme"],
  ["docker://app:1.0", "has a scheme"],
  ["cr.example/App:1.0", "upper-case letters"],
  ["App:1.0", "upper-case letters"],
  ["cr.example/app:", "empty tag"],
  ["cr.example/app:1.0:2", "a tag that Docker does not take"],
  ["app:.1", "a tag that Docker does not take"],
  [`app:${"x".repeat(129)}`, "a tag that Docker does not take"],
  [`cr.example/app:1.0@sha256:${SHA256}`, "both a tag and a digest"],
  ["cr.example/app@sha256:12", "digest that is none"],
  [`cr.example/app@sha256:${"g".repeat(64)}`, "digest that is none"],
  ["cr.example/app@latest", "digest that is none"],
  ["cr.example//app:1.0", "a repository that Docker does not take"],
  ["cr.example/app-:1.0", "a repository that Docker does not take"],
  ["cr.example/a b:1.0", "a repository that Docker does not take"],
  ["/app:1.0", "a repository that Docker does not take"],
  ["cr.example/app:1.0/x", "a repository that Docker does not take"],
  ["-cr.example/app:1.0", "a registry that is no host"],
  ["$upstream/app:1.0", "$upstream without a port"],
  ["$upstream:/app:1.0", "$upstream without a port"],
  ["$upstream:08/app:1.0", "$upstream without a port"],
  ["$registry:443/app:1.0", "starts with $"],
  [SHA256, "is an image's id"],
  [`cr.example/${"a/".repeat(130)}b`, "a repository of 272 characters"],
])("%s is not: %s", (image, problem) => {
  expect(imageMistake(image)).toMatchObject({
    problem: expect.stringContaining(problem) as string,
    remedy: expect.stringMatching(/./) as string,
  });
});
