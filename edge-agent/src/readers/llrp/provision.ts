import { type LlrpParameter, ROSpecState, StatusCode } from "@storeward/codecs/llrp";
import { isStorewardError } from "@storeward/runtime";
import type { Counters } from "../counters.js";
import type { LlrpConnection } from "./connection.js";
import type { ReadingPlan } from "./plan.js";
import { buildROSpec, CYCLES, ROSPEC_ID, sameROSpec } from "./rospec.js";

/** Whether the reader's only ROSpec is the plan's and works: then it is left alone, with what it has read meanwhile. */
export async function isRunning(connection: LlrpConnection, plan: ReadingPlan): Promise<boolean> {
  const { ROSpec: found = [] } = await connection.request({ type: "GET_ROSPECS" }, "GET_ROSPECS_RESPONSE");
  const [only] = found;
  if (only === undefined || found.length > 1) return false;
  // Between two cycles a ROSpec without a loop is inactive for a moment.
  const works =
    only.CurrentState === ROSpecState.Active || (plan.cyclesEnd && only.CurrentState === ROSpecState.Inactive);
  return works && CYCLES.some((cycle) => sameROSpec(buildROSpec(plan, cycle), only));
}

/** The reader forgets what it was told, and reads by the plan. */
export async function provision(connection: LlrpConnection, plan: ReadingPlan, counters: Counters): Promise<void> {
  await tolerant(connection.request({ type: "DELETE_ACCESSSPEC", AccessSpecID: 0 }, "DELETE_ACCESSSPEC_RESPONSE"));
  await tolerant(connection.request({ type: "DELETE_ROSPEC", ROSpecID: 0 }, "DELETE_ROSPEC_RESPONSE"));
  // LoopSpec came with LLRP 1.1; without it the immediate start trigger begins each cycle anew.
  const ways = connection.version === 1 ? CYCLES.filter((cycle) => cycle !== "loop-attempt") : CYCLES;
  await addFirstAccepted(
    connection,
    plan.cyclesEnd ? ways.map((way) => buildROSpec(plan, way)) : [buildROSpec(plan, "duration")],
  );
  // No START_ROSPEC: its start trigger is immediate.
  await connection.request({ type: "ENABLE_ROSPEC", ROSpecID: ROSPEC_ID }, "ENABLE_ROSPEC_RESPONSE");
  counters.add("provisioned");
}

/** Some readers find fault with the 0 of "all" where there is nothing to delete. */
async function tolerant(request: Promise<unknown>): Promise<void> {
  try {
    await request;
  } catch (error) {
    if (!isStorewardError(error, "LLRP_STATUS") || error.params.statusCode !== StatusCode.M_FieldError) throw error;
  }
}

async function addFirstAccepted(
  connection: LlrpConnection,
  rospecs: readonly LlrpParameter<"ROSpec">[],
): Promise<void> {
  let refusal: unknown;
  for (const ROSpec of rospecs) {
    try {
      await connection.request({ type: "ADD_ROSPEC", ROSpec }, "ADD_ROSPEC_RESPONSE");
      return;
    } catch (error) {
      if (!isStorewardError(error, "LLRP_STATUS")) throw error;
      refusal = error;
    }
  }
  throw refusal;
}
