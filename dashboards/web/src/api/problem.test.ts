import { describe, expect, it } from "vitest";
import { en } from "../messages/en.js";
import { ApiError, asProblem, problemWords } from "./problem.js";

const problem = { type: "about:blank", title: "Tag is taken", status: 409, code: "TAG_TAKEN", requestId: "r1" };

describe("what went wrong, in words", () => {
  it("is what the server says, with the request to ask about", () => {
    const words = problemWords(new ApiError(409, { ...problem, detail: "It is on Pump 7." }), en);
    expect(words.text).toBe("It is on Pump 7.");
    expect(words.reference).toContain("TAG_TAKEN");
    expect(problemWords(new ApiError(409, problem), en).text).toBe("Tag is taken.");
  });

  it("is said by status where something else than our server answers, or nothing", () => {
    expect(problemWords(new ApiError(0, null), en).text).toBe(en.errors.network);
    expect(problemWords(new ApiError(502, null), en).text).toBe(en.errors.server);
    expect(problemWords(new ApiError(403, null), en).text).toBe(en.errors.forbidden);
    expect(problemWords(new TypeError("x"), en).text).toBe(en.errors.server);
    expect(asProblem("<html>")).toBeNull();
    expect(asProblem(problem)).toBe(problem);
  });
});
