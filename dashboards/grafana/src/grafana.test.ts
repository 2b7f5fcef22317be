import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { MEASUREMENTS } from "@storeward/contracts";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { ALERTS, CONTACT } from "./alerting.js";
import { TAG } from "./dashboard.js";
import { DASHBOARDS } from "./dashboards/index.js";
import { files } from "./files.js";
import { DATASOURCE } from "./influxql.js";

const GENERATED = join(import.meta.dirname, "..", "generated");
const made = files();
const text = (name: string) => made.get(name) ?? "";
const dashboards = [...made].flatMap(([name, body]) => (name.startsWith("dashboards/") ? [JSON.parse(body)] : []));
const [group] = parse(text("provisioning/alerting/rules.yaml")).groups;
const { rules } = group;
const unique = (values: readonly string[]) => new Set(values).size === values.length;

describe("what Grafana is given", () => {
  it("is committed as it is made (else: npm run grafana)", () => {
    const there = existsSync(GENERATED) ? readdirSync(GENERATED, { recursive: true, withFileTypes: true }) : [];
    const names = there
      .filter((entry) => entry.isFile())
      .map((entry) => relative(GENERATED, join(entry.parentPath, entry.name)));
    expect(names.sort()).toEqual([...made.keys()].sort());
    for (const name of names) expect(readFileSync(join(GENERATED, name), "utf8")).toBe(made.get(name));
  });

  it("has panels that say what they answer, in which unit, from the one data source, and shows every measurement", () => {
    const sources = parse(text("provisioning/datasources/storeward.yaml")).datasources;
    expect(sources).toMatchObject([DATASOURCE]);
    const panels = dashboards.flatMap((dashboard) => dashboard.panels);
    for (const { title, description, fieldConfig, datasource, targets } of panels) {
      expect([title, description, fieldConfig.defaults.unit]).not.toContain("");
      expect(fieldConfig.defaults.thresholds.steps.length).toBeGreaterThan(0);
      expect([datasource, ...targets.map((target: { datasource: object }) => target.datasource)]).toEqual([
        DATASOURCE,
        ...targets.map(() => DATASOURCE),
      ]);
    }
    const asked = panels.flatMap(({ targets }) => targets.map(({ query }: { query: string }) => query)).join();
    expect(MEASUREMENTS.filter((name) => !asked.includes(`"${name}"`))).toEqual([]);
  });

  it("refers only to what there is: dashboards, variables, contact points, the folder of the dashboards", () => {
    const uids = DASHBOARDS.map(({ uid }) => uid);
    expect(unique([...uids, ...ALERTS.map(({ uid }) => uid)])).toBe(true);
    for (const dashboard of dashboards) {
      expect(dashboard.tags).toContain(TAG);
      const known = dashboard.templating.list.map(({ name }: { name: string }) => name);
      const used = [...JSON.stringify(dashboard.panels).matchAll(/\$\{(\w+)(?::regex)?\}/g)];
      expect(used.map(([, name]) => name).filter((name) => !known.includes(name))).toEqual([]);
    }
    const { contactPoints } = parse(text("provisioning/alerting/contact-points.yaml"));
    const [policy] = parse(text("provisioning/alerting/policies.yaml")).policies;
    expect(contactPoints.map(({ name }: { name: string }) => name)).toEqual([CONTACT]);
    expect([policy, ...policy.routes].map(({ receiver }) => receiver)).toEqual([CONTACT, CONTACT]);
    expect(group.folder).toBe(parse(text("provisioning/dashboards/storeward.yaml")).providers[0].folder);
  });

  it("has rules that show the panel of their own measurement, by both annotations, without which Grafana does not start", () => {
    for (const { uid, dashboardUid, panelId, annotations, data } of rules) {
      const panel = dashboards
        .find((dashboard) => dashboard.uid === dashboardUid)
        ?.panels.find(({ id }: { id: number }) => id === panelId);
      const measurement = /FROM ("\w+")/.exec(data[0].model.query)?.[1];
      expect([uid, panel?.targets[0].query]).toEqual([uid, expect.stringContaining(`FROM ${measurement}`)]);
      expect(annotations).toMatchObject({ __dashboardUid__: dashboardUid, __panelId__: String(panelId) });
    }
  });

  it("has dollars in its rules only where Grafana does not take them for its environment, and there as they are asked", () => {
    for (const { data, annotations, ...interpolated } of rules) {
      expect(JSON.stringify(interpolated)).not.toContain("$");
      expect(JSON.stringify([data, annotations])).not.toContain("$$");
      expect(data[0].model.query).toContain(" $timeFilter ");
    }
  });
});
