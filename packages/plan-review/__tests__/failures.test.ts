import { review } from "../src/command";

jest.mock("../src/review-plans", () => ({
  reviewPlans: () => Promise.reject(new SyntaxError("hunter22: a value of the plan\n    at x")),
}));

test("a mistake of the review ends in one line without what its error holds", async () => {
  const error = jest.spyOn(console, "error").mockImplementation(() => undefined);
  expect(await review(["plan.json"])).toBe(1);
  expect(error.mock.calls).toHaveLength(1);
  const said = String(error.mock.calls[0]?.[0]);
  expect(said).toMatch(/^the review failed \(SyntaxError\)[^\n]+$/);
  expect(said).not.toContain("hunter22");
  error.mockRestore();
});
