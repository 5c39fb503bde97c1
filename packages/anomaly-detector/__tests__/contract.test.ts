import { checkConfiguration } from "../src/configuration";
import { DEFAULT_DESIRED, DETECTOR_MODULE } from "@edge-anomaly-detection/detector-contract";

test("the defaults that a manifest may write out are a sound configuration", () => {
  expect(checkConfiguration(DEFAULT_DESIRED).ok).toBe(true);
});

test("they fit a twin: depth, length of values and names", () => {
  const text = JSON.stringify(DEFAULT_DESIRED);
  expect(text.length).toBeLessThan(32 * 1024);
  expect(text).not.toContain("null");
  const keys = [...text.matchAll(/"([^"]+)":/g)].map(([, key]) => key);
  expect(keys.filter((key) => /[.$ #]/.test(key ?? ""))).toEqual([]);
});

test("names of inputs, outputs and image are what routes and registries take", () => {
  for (const name of [...DETECTOR_MODULE.inputs, ...DETECTOR_MODULE.outputs]) expect(name).toMatch(/^[A-Za-z0-9_-]+$/);
  expect(DETECTOR_MODULE.imageRepository).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
});
