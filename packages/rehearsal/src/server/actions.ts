import type { IncomingMessage } from "node:http";
import { type Action, ACTIONS } from "../events";
import type { Refusal } from "./guard";

export interface ActionRequest {
  readonly action: Action;
  readonly machineId?: string;
}

/** A request has two short members. */
const MAX_BYTES = 4096;

/** Reads `{ "action": one of ACTIONS, "machineId"?: a machine }`, or says all that is wrong with it. */
export async function readAction(
  request: IncomingMessage,
  isMachine: (id: string) => boolean,
): Promise<ActionRequest | Refusal> {
  const type = request.headers["content-type"] ?? "";
  if (!/^application\/json\s*(;|$)/i.test(type)) {
    return { status: 415, message: `content type ${JSON.stringify(type)} is refused: send application/json` };
  }
  let text = "";
  request.setEncoding("utf8");
  for await (const chunk of request as AsyncIterable<string>) {
    text += chunk;
    if (text.length > MAX_BYTES) {
      return { status: 413, message: `a request has at most ${MAX_BYTES} bytes`, headers: { Connection: "close" } };
    }
  }
  return parseAction(text, isMachine);
}

export function parseAction(text: string, isMachine: (id: string) => boolean): ActionRequest | Refusal {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { status: 400, message: 'the body is not JSON: send {"action": "spike"}' };
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return { status: 400, message: 'the body is not an object: send {"action": "spike"}' };
  }
  const { action, machineId, ...others } = value as Record<string, unknown>;
  const errors: string[] = [];
  if (!ACTIONS.some((name) => name === action)) {
    errors.push(`action: ${action === undefined ? "missing" : JSON.stringify(action)}; allowed: ${ACTIONS.join(", ")}`);
  }
  if (machineId !== undefined && (typeof machineId !== "string" || !isMachine(machineId))) {
    errors.push(`machineId: ${JSON.stringify(machineId)}; allowed: a machine of this rehearsal`);
  }
  for (const name of Object.keys(others)) {
    errors.push(`${name}: not known; allowed: action, machineId`);
  }
  if (errors.length > 0) {
    return { status: 400, message: errors.join("\n") };
  }
  return { action: action as Action, ...(machineId === undefined ? {} : { machineId: machineId as string }) };
}
