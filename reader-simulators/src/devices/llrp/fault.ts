import { type LlrpParameter, StatusCode } from "@storeward/codecs/llrp";

type Status = LlrpParameter<"LLRPStatus">;
type Code = keyof typeof StatusCode;

/** Type numbers of the parameters that a request can get wrong (LLRP 1.1 §17.2). */
export const PARAMETER = {
  ROSpec: 177,
  ROBoundarySpec: 178,
  ROSpecStartTrigger: 179,
  PeriodicTriggerValue: 180,
  GPITriggerValue: 181,
  ROSpecStopTrigger: 182,
  AISpec: 183,
  AISpecStopTrigger: 184,
  TagObservationTrigger: 185,
  InventoryParameterSpec: 186,
  RFSurveySpec: 187,
  AccessSpec: 207,
  GPOWriteData: 219,
  KeepaliveSpec: 220,
  AntennaProperties: 221,
  AntennaConfiguration: 222,
  RFReceiver: 223,
  RFTransmitter: 224,
  GPIPortCurrentState: 225,
  EventsAndReports: 226,
  ROReportSpec: 237,
  AccessReportSpec: 239,
  EventNotificationState: 245,
  C1G2InventoryCommand: 330,
  C1G2Filter: 331,
  C1G2RFControl: 335,
  C1G2SingulationControl: 336,
  LoopSpec: 355,
  Custom: 1023,
} as const;

/** What is wrong with a request (LLRP 1.1 §15.2.2): to be thrown by what handles it, and answered as a status. */
export class LlrpFault extends Error {
  readonly status: Status;

  constructor(status: Status) {
    super(status.ErrorDescription);
    this.name = "LlrpFault";
    this.status = status;
  }
}

export const SUCCESS: Status = { StatusCode: StatusCode.M_Success, ErrorDescription: "" };

/** The message as such cannot be served. */
export function messageFault(code: Code, description: string): LlrpFault {
  return new LlrpFault({ StatusCode: StatusCode[code], ErrorDescription: description });
}

/** A field of the message itself has a value that cannot be; fields are counted from 0 (§15.2.2.1.1). */
export function fieldFault(field: number, code: Code, description: string): LlrpFault {
  return new LlrpFault({
    StatusCode: StatusCode.M_FieldError,
    ErrorDescription: description,
    FieldError: { FieldNum: field, ErrorCode: StatusCode[code] },
  });
}

/**
 * A parameter is wrong: `path` from the outermost to it. With a field it is that field, with `code` as what is wrong
 * with it; without, `code` is what is wrong with the parameter.
 */
export function parameterFault(
  path: readonly (keyof typeof PARAMETER | number)[],
  code: Code,
  description: string,
  field?: number,
): LlrpFault {
  const numbers = path.map((name) => (typeof name === "number" ? name : PARAMETER[name]));
  let error: LlrpParameter<"ParameterError"> | undefined;
  for (const number of numbers.reverse()) {
    if (error !== undefined) {
      error = { ParameterType: number, ErrorCode: StatusCode.P_ParameterError, ParameterError: error };
    } else if (field === undefined) error = { ParameterType: number, ErrorCode: StatusCode[code] };
    else {
      const wrong = { FieldNum: field, ErrorCode: StatusCode[code] };
      error = { ParameterType: number, ErrorCode: StatusCode.P_FieldError, FieldError: wrong };
    }
  }
  return new LlrpFault({
    StatusCode: StatusCode.M_ParameterError,
    ErrorDescription: description,
    ...(error === undefined ? {} : { ParameterError: error }),
  });
}
