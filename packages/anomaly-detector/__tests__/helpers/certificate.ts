import { generate } from "selfsigned";

/** A certificate of its own authority for `localhost`, made for one test run. */
export function makeCertificate(): { readonly key: string; readonly cert: string } {
  const pems = generate([{ name: "commonName", value: "localhost" }], {
    days: 2,
    keySize: 2048,
    algorithm: "sha256",
    extensions: [
      { name: "basicConstraints", cA: true },
      { name: "subjectAltName", altNames: [{ type: 2, value: "localhost" }] },
    ],
  });
  return { key: pems.private, cert: pems.cert };
}
