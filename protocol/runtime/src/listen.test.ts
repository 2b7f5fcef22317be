import { once } from "node:events";
import { createServer } from "node:net";
import { describe, expect, it } from "vitest";
import { checkConnect, checkListen, isLoopback, portTakenError } from "./listen.js";

describe("listening", () => {
  it("a taken port names the option to change", async () => {
    const first = createServer().listen(0, "127.0.0.1");
    await once(first, "listening");
    const { port } = first.address() as { port: number };
    const second = createServer().listen(port, "127.0.0.1");
    const [cause] = await once(second, "error");
    first.close();
    const error = portTakenError(cause, { port, option: "http.port (STOREWARD_PORT)" });
    expect(error).toMatchObject({ code: "PORT_TAKEN", cause });
    expect(String(error)).toContain("set http.port (STOREWARD_PORT) to another port");
  });

  it("leaves other errors as they are", () => {
    const other = new Error("no");
    expect(portTakenError(other, { port: 1, option: "x" })).toBe(other);
    const forbidden = Object.assign(new Error("no"), { code: "EACCES" });
    expect(portTakenError(forbidden, { port: 80, option: "x" })).toMatchObject({ code: "PORT_FORBIDDEN" });
  });

  it("beyond loopback without TLS is refused unless insecure is written, and then warned of", () => {
    const at = (host: string, tls = false, insecure = false) => ({ host, tls, insecure, what: "MQTT broker" });
    for (const host of ["127.0.0.1", "127.9.9.9", "localhost", "::1", "[::1]", "::ffff:127.0.0.1", "a.localhost"]) {
      expect(isLoopback(host)).toBe(true);
      expect(checkListen(at(host))).toBeUndefined();
    }
    for (const host of ["", "0.0.0.0", "::", "10.0.0.1", "127.0.0.1.example.org", "hospital.example"]) {
      expect(() => checkListen(at(host))).toThrow(expect.objectContaining({ code: "INSECURE_LISTEN" }));
      expect(() => checkConnect(at(host))).toThrow(expect.objectContaining({ code: "INSECURE_CONNECT" }));
      expect(checkListen(at(host, true))).toBeUndefined();
      expect(checkConnect(at(host, true))).toBeUndefined();
      expect(checkListen(at(host, false, true))).toContain("without TLS");
      expect(checkConnect(at(host, false, true))).toContain("without TLS");
    }
  });
});
