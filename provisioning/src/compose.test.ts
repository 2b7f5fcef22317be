import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";

const FOLDER = resolve(import.meta.dirname, "../compose");
const GRAFANA = resolve(import.meta.dirname, "../../dashboards/grafana/generated");

interface Service {
  readonly image: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
  readonly depends_on?: readonly string[] | Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: object;
  readonly build?: { readonly context: string; readonly dockerfile: string };
}
const compose = parse(readFileSync(join(FOLDER, "compose.yaml"), "utf8"), { merge: true }) as {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
};
const services = Object.entries(compose.services);

// Its commands and addresses are run by reader-simulators/test/compose.system.test.ts. Docker itself is not.
describe("compose.yaml, as far as it can be checked without Docker", () => {
  it("runs everything a large site has", () => {
    expect(services.map(([name]) => name).sort()).toEqual(
      ["cloud", "grafana", "hospital", "influxdb", "mosquitto", "postgres"].sort(),
    );
  });

  it.each(services)("%s waits only for services there are, and for health only where it is checked", (_, service) => {
    const { depends_on: needs = [] } = service;
    for (const [name, condition] of conditionsOf(needs)) {
      expect(compose.services[name]).toBeDefined();
      if (condition === "service_healthy") expect(compose.services[name]?.healthcheck).toBeDefined();
    }
  });

  it.each(services)("%s mounts what there is", (_, { volumes = [] }) => {
    for (const [source = ""] of volumes.map((volume) => volume.split(":")))
      if (source.startsWith(".")) expect(existsSync(join(FOLDER, source)), source).toBe(true);
      else expect(Object.keys(compose.volumes)).toContain(source);
  });

  it.each(services)(
    "%s is of a named version, and published on this machine only",
    (_, { image, ports = [], build }) => {
      if (build === undefined) expect(image).toMatch(/:\d+(\.\d+)*$/);
      else expect(statSync(resolve(FOLDER, build.context, build.dockerfile)).isFile()).toBe(true);
      for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
    },
  );

  it("gives Grafana everything that its files ask for", () => {
    const files = readdirSync(join(GRAFANA, "provisioning"), { recursive: true, encoding: "utf8" })
      .map((name) => join(GRAFANA, "provisioning", name))
      .filter((path) => statSync(path).isFile());
    const asked = files.flatMap((path) => [...readFileSync(path, "utf8").matchAll(/[^$]\$\{(STOREWARD_\w+)\}/g)]);
    const given = Object.keys(compose.services.grafana?.environment ?? {});
    expect(asked.length).toBeGreaterThan(0);
    for (const [, name] of asked) expect(given).toContain(name);
  });
});

function conditionsOf(needs: NonNullable<Service["depends_on"]>): [string, string][] {
  if (isList(needs)) return needs.map((name) => [name, ""]);
  return Object.entries(needs).map(([name, { condition }]) => [name, condition]);
}

function isList(needs: NonNullable<Service["depends_on"]>): needs is readonly string[] {
  return Array.isArray(needs);
}
