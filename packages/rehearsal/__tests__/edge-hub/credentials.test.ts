import { accessToken, identityOf, isAccessToken, userName } from "../../src/edge-hub/credentials";

const key = Buffer.from("key").toString("base64");
const identity = { deviceId: "d", module: "m" };

test("a signature by the rehearsal's key is taken, until it is over", () => {
  const token = accessToken(identity, key);
  expect(isAccessToken(token, key)).toBe(true);
  expect(isAccessToken(token, key, Date.now() + 2 * 86_400_000)).toBe(false);
});

test.each(["", "SharedAccessSignature sr=a&sig=b&se=9999999999", "%E0%A4%A", accessToken(identity, "b3RoZXI=")])(
  "%p is refused",
  (token) => {
    expect(isAccessToken(token, key)).toBe(false);
  },
);

test("the user name says who signs in; another hub's is nobody", () => {
  expect(identityOf(userName(identity))).toEqual(identity);
  expect(identityOf(userName({ deviceId: "leaf" }))).toEqual({ deviceId: "leaf" });
  expect(identityOf("evil.example.com/d/m/?api-version=1")).toBeUndefined();
  expect(identityOf(undefined)).toBeUndefined();
});
