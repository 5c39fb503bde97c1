import fc from "fast-check";
import { JsonText, plainJson } from "../src/check/json-text";
import { readManifest, readManifestBytes } from "../src/check/read";

const bytes = (text: string, encoding: BufferEncoding): Buffer => Buffer.from(text, encoding);
const swapped = (buffer: Buffer): Buffer => Buffer.from(buffer).swap16();

describe("encodings", () => {
  const text = '{"modulesContent":{"ü":"€ 🏭"}}';
  test.each<[string, Buffer]>([
    ["UTF-8", bytes(text, "utf8")],
    ["UTF-8 with a byte order mark", bytes(`\uFEFF${text}`, "utf8")],
    ["UTF-16, as Windows PowerShell writes it", bytes(`\uFEFF${text}`, "utf16le")],
    ["UTF-16 without a byte order mark", bytes(text, "utf16le")],
    ["UTF-16, the other byte first", swapped(bytes(`\uFEFF${text}`, "utf16le"))],
    ["the same without a byte order mark", swapped(bytes(text, "utf16le"))],
  ])("%s is read", (_what, file) => {
    expect(readManifestBytes(file)).toMatchObject({ document: JSON.parse(text) as object, remarks: [] });
  });

  test.each<[string, Buffer, string]>([
    ["UTF-32", Buffer.from([0xff, 0xfe, 0, 0, 0x7b, 0, 0, 0]), "UTF-32; save it as UTF-8"],
    ["Latin-1", bytes('{"a":"ü"}', "latin1"), "no valid UTF-8"],
    ["half a character of UTF-16", Buffer.from([0xff, 0xfe, 0x7b, 0, 0]), "no valid UTF-16"],
    ["zero bytes", Buffer.alloc(64), "no JSON"],
    ["an executable", Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0xff]), "no valid UTF-8"],
  ])("%s is refused with the reason", (_what, file, reason) => {
    expect(readManifestBytes(file)).toEqual({ unreadable: expect.stringContaining(reason) as string });
  });
});

describe("what JSON does not have", () => {
  const remarks = (text: string): unknown[] => {
    const read = readManifest(text);
    return "document" in read ? read.remarks.map(({ severity, rule, pointer }) => [severity, rule, pointer]) : [read];
  };

  test("a property that stands twice is an error, with its path", () => {
    const text = '{"modulesContent":{"a":1,"routes":{"r":"x","r":"y"},"list":[{"b":1,"b":2}]},"a":{"a":{}}}';
    expect(remarks(text)).toEqual([
      ["error", "duplicate-key", "/modulesContent/routes/r"],
      ["error", "duplicate-key", "/modulesContent/list/0/b"],
    ]);
    expect(readManifest(text)).toMatchObject({ document: { modulesContent: { routes: { r: "y" } } } });
  });

  test("names written in two ways are the same name", () => {
    expect(remarks('{"a":{"b":1,"\\u0062":2}}')).toEqual([["error", "duplicate-key", "/a/b"]]);
  });

  test("comments and commas are read, with a warning", () => {
    expect(remarks('// one\n{"a": /* two */ [1, 2,], "b": "// text",\n}')).toEqual([
      ["warning", "json-comment", ""],
      ["warning", "json-comma", "/a"],
      ["warning", "json-comma", ""],
    ]);
  });

  test.each([["${TTL}"], ["$TTL"], ["#{TTL}#"], ["{{ttl}}"], ["__TTL__"], ["<TTL>"]])(
    "a place %s without quotes is read",
    (place) => {
      expect(readManifest(`{"a": ${place}, "b": [${place}]}`)).toMatchObject({ document: { a: place, b: [place] } });
    },
  );

  test("a name that every object has is a name like any other", () => {
    const read = readManifest('{"__proto__":{"a":1},"constructor":2,}');
    expect("document" in read && Object.entries(read.document)).toEqual([
      ["__proto__", { a: 1 }],
      ["constructor", 2],
    ]);
  });

  test.each([
    ['{"a":1', "a } is missing, line 1 column 7"],
    ['{"a":\n  1 2}', ", or } is expected, line 2 column 5"],
    ["{a:1}", "a property name in double quotes is expected, line 1 column 2"],
    ['{"a":"x\ny"}', "a string has a line break, a control character or an unknown escape, line 1 column 6"],
    ['{"a":"x', "a string is not closed, line 1 column 6"],
    ['{"a":/* x', "a comment is not closed, line 1 column 6"],
    ['{"a":1}}', "text after the end of the document, line 1 column 8"],
    ['{"a":tru}', "a value is expected, line 1 column 6"],
    ['{"a":', "the text ends where a value is expected, line 1 column 6"],
  ])("%j is refused with its place", (text, reason) => {
    expect(readManifest(text)).toEqual({ unreadable: `the file is no JSON: ${reason}` });
  });
});

test("JSON is read as JSON.parse reads it, the fast way and the other", () => {
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false }), fc.boolean(), (value, indented) => {
      const text = JSON.stringify({ value }, undefined, indented ? 2 : 0);
      expect(new JsonText(text).value).toEqual(JSON.parse(text));
      expect(plainJson(text)).toEqual({ value: JSON.parse(text) as unknown });
    }),
  );
});

test("places of values are lines and columns of the file", () => {
  const read = readManifest('{\n  "a": {\n    "b/c": [10, "x"]\n  }\n}');
  const regionOf = (pointer: string): unknown => ("document" in read ? read.regionOf(pointer) : undefined);
  expect(regionOf("/a/b~1c/1")).toEqual({ startLine: 3, startColumn: 17, endLine: 3, endColumn: 20 });
  expect(regionOf("/a/nothing/here")).toEqual({ startLine: 2, startColumn: 8, endLine: 4, endColumn: 4 });
  expect(regionOf("")).toEqual({ startLine: 1, startColumn: 1, endLine: 5, endColumn: 2 });
});
