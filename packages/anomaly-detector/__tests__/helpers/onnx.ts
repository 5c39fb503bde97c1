/** Just enough of ONNX's protobuf to write a model of a few nodes down. Field numbers: onnx/onnx.proto3. */

const FLOAT = 1;

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  return Buffer.from([...bytes, rest]);
}

function int(field: number, value: number): Buffer {
  return Buffer.concat([varint(field * 8), varint(value)]);
}

function bytes(field: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([varint(field * 8 + 2), varint(content.length), content]);
}

function text(field: number, value: string): Buffer {
  return bytes(field, Buffer.from(value));
}

/** A ValueInfoProto: a float tensor of a fixed shape. */
function tensor(field: number, name: string, shape: readonly number[]): Buffer {
  const dimensions = shape.map((size) => bytes(1, int(1, size)));
  return bytes(field, text(1, name), bytes(2, bytes(1, int(1, FLOAT), bytes(2, ...dimensions))));
}

export interface Node {
  readonly op: string;
  readonly input: string;
  readonly output: string;
  /** Integer attributes. */
  readonly attributes?: Readonly<Record<string, number>>;
}

/** A model whose nodes have one input and one output each; the graph goes from `x` to `score`. */
export function onnxModel(
  inputShape: readonly number[],
  nodes: readonly Node[],
  metadata: Readonly<Record<string, string>> = {},
): Buffer {
  const encoded = nodes.map(({ op, input, output, attributes = {} }) =>
    bytes(
      1,
      text(1, input),
      text(2, output),
      text(4, op),
      ...Object.entries(attributes).map(([name, value]) => bytes(5, text(1, name), int(3, value), int(20, 2))),
    ),
  );
  const graph = bytes(7, ...encoded, text(2, "graph"), tensor(11, "x", inputShape), tensor(12, "score", []));
  const entries = Object.entries(metadata).map(([key, value]) => bytes(14, text(1, key), text(2, value)));
  return Buffer.concat([int(1, 8), graph, bytes(8, text(1, ""), int(2, 13)), ...entries]);
}

/** The sum of the window. */
export function sum(window: number, signals: number, metadata: Readonly<Record<string, string>> = {}): Buffer {
  const node = { op: "ReduceSum", input: "x", output: "score", attributes: { keepdims: 0 } };
  return onnxModel([1, window, signals], [node], metadata);
}

/** The sum of all magnitudes in the window. */
export function sumOfMagnitudes(window: number, signals: number): Buffer {
  return onnxModel(
    [1, window, signals],
    [
      { op: "Abs", input: "x", output: "magnitude" },
      { op: "ReduceSum", input: "magnitude", output: "score", attributes: { keepdims: 0 } },
    ],
  );
}

/** Scores a window of zeros, and is no number as soon as the sum of the readings is negative. */
export function failsBelowZero(window: number, signals: number): Buffer {
  return onnxModel(
    [1, window * signals],
    [
      { op: "ReduceSum", input: "x", output: "sum", attributes: { keepdims: 0 } },
      { op: "Sqrt", input: "sum", output: "score" },
    ],
  );
}
