import { InferenceSession, Tensor } from "onnxruntime-node";
import { messageOf } from "../log";

/** A model that gives a window of readings one score. */
export interface OnnxSession {
  /** Throws when the model fails or its score is no finite number. */
  score(input: Float32Array): Promise<number>;
}

/** One thread: the device has other work, and a window is small. */
const SESSION_OPTIONS: InferenceSession.SessionOptions = {
  executionProviders: ["cpu"],
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  logSeverityLevel: 3,
};

/**
 * Loads a model with one float input and a float output, and tries it on a window of zeros. The input is of rank 2,
 * [1, window * signals], or of rank 3, [1, window, signals]; the score is the output named `score`, or the first one.
 */
export async function loadOnnxSession(path: string, window: number, signals: number): Promise<OnnxSession> {
  let session: InferenceSession;
  try {
    session = await InferenceSession.create(path, SESSION_OPTIONS);
  } catch (error) {
    throw new Error(`model cannot be loaded: ${messageOf(error).replaceAll(path, "the file")}`);
  }
  try {
    const model = wrap(session, window, signals);
    await model.score(new Float32Array(window * signals));
    return model;
  } catch (error) {
    throw new Error(`model fails on a window of zeros: ${messageOf(error)}`);
  }
}

function wrap(session: InferenceSession, window: number, signals: number): OnnxSession {
  const [input, ...furtherInputs] = session.inputMetadata;
  if (!input?.isTensor || furtherInputs.length > 0) throw new Error("it takes not exactly one tensor");
  const dimensions = input.shape.length === 3 ? [1, window, signals] : [1, window * signals];
  const output = session.outputNames.includes("score") ? "score" : session.outputNames[0];
  if (output === undefined) throw new Error("it has no output");
  return {
    async score(readings) {
      const results = await session.run({ [input.name]: new Tensor("float32", readings, dimensions) });
      const data = results[output]?.data;
      if (!(data instanceof Float32Array) || data.length !== 1) throw new Error(`output ${output} is not one float`);
      const [score] = data;
      if (score === undefined || !Number.isFinite(score)) throw new Error(`output ${output} is ${String(score)}`);
      return score;
    },
  };
}
