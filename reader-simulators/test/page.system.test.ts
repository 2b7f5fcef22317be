import { existsSync, readFileSync } from "node:fs";
import type { AlertSetup, AuditPage, Item, ItemPage, LocationList } from "@storeward/contracts";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ApiClient, simulatedTruth } from "./box/api-client.js";
import { BoxProcess } from "./box/box-process.js";

const CHROMIUM = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);
const required = process.env.STOREWARD_REQUIRE_SERVERS === "1";

/** Where the pictures go that a person looks at; none are kept unless it is named. */
const PICTURES = process.env.STOREWARD_TEST_PICTURES;

const VIEWPORTS = [
  { width: 390, height: 844 },
  { width: 1440, height: 900 },
];
/** From the farthest ward into a storeroom, with somebody who first has to come by, on a busy machine. */
const CARRIED_MS = 120_000;
/** So long after it was carried through a door it is waited for, until it is thought to have been missed. */
const SHOWN_WITHIN_MS = [8_000, 15_000, 60_000];

describe.skipIf(CHROMIUM === undefined && !required)(
  "the page, in Chromium (skipped where it is not installed)",
  () => {
    let box: BoxProcess;
    let browser: Browser;
    let client: ApiClient;
    let wrongPlace: Promise<void> | undefined;

    beforeAll(async () => {
      box = await BoxProcess.create();
      // Nobody is about but who is sent: what lies somewhere stays there.
      await box.start(["--seed", "102", "--pace", "0"]);
      client = new ApiClient(box.url);
      await client.signIn("admin", "of-the-test");
      const rule = { kind: "infusion pump", allowedPlaces: ["corridor"], wrongPlaceAfter: 30 };
      await client.put("/kinds/rules", { rules: [rule] });
      browser = await chromium.launch({
        executablePath: CHROMIUM ?? "chromium",
        args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"],
      });
    });

    afterAll(async () => {
      await browser?.close();
      await box?.remove();
    });

    it("finds a pump by typing, and shows it where it is carried to, on a phone and on a desk", async () => {
      const { pump, to, there } = await pumpToMove(client, box);
      const problems: string[] = [];
      const pages: Page[] = [];
      for (const viewport of VIEWPORTS) {
        const page = await browser.newPage({ viewport });
        page.on("pageerror", (error) => problems.push(String(error)));
        await signIn(page, box.url);
        const search = page.getByRole("searchbox", { name: "Find a thing or a kind" });
        await search.fill(pump.name);
        await page.getByTestId("result").filter({ hasText: pump.name }).first().getByRole("link").first().click();
        await page.getByRole("heading", { name: pump.name }).first().waitFor();
        expect(await page.getByTestId("place").textContent()).not.toContain(there);
        pages.push(page);
      }

      const isShown = (within: number) =>
        Promise.all(
          pages.map((page) => page.getByTestId("place").filter({ hasText: there }).waitFor({ timeout: within })),
        ).then(
          () => true,
          () => false,
        );
      // Now and then a door misses who goes through: then it is carried out and in again.
      const isShownOnceCarried = async () => {
        for (const within of SHOWN_WITHIN_MS) {
          await carried(box, pump.epc, to);
          if (await isShown(within)) return true;
          await carried(box, pump.epc, "corridor");
        }
        return false;
      };
      expect(await isShownOnceCarried()).toBe(true);
      for (const page of pages) {
        await picture(page, `item-${page.viewportSize()?.width}`);
        expect(await overflows(page)).toBe(false);
        // By keyboard, as by any other way.
        await page.getByText("Show the observations").focus();
        await page.keyboard.press("Enter");
        const why = page.getByRole("table", { name: "what each did to" });
        await why.getByRole("row").nth(1).waitFor();
        await picture(page, `why-${page.viewportSize()?.width}`);
        expect(await overflows(page)).toBe(false);
        await page.close();
      }
      expect(problems).toEqual([]);
    });

    it("an administrator sets by form whom alerts reach, and when, in the audit, over nothing that another has changed; a viewer is offered none of it", async () => {
      // The next test waits for this: until then there is time.
      wrongPlace = inWrongPlace(client, box);
      wrongPlace.catch(() => undefined);
      for (const viewport of VIEWPORTS) {
        const page = await browser.newPage({ viewport });
        await signIn(page, box.url);
        await page.goto(`${box.url}/alerts`);
        await setAlerts(page, String(viewport.width));
        if (viewport.width === 390) await changeWhatAnotherChanges(page, client, box.url);
        await page.close();
      }
      const { rules, receivers, windows } = await client.get<AlertSetup>("/alerts/setup");
      expect(rules.find(({ id }) => id === "late-1440")).toMatchObject({
        when: { measurement: "delay", field: "p95", above: 60 },
        lasts: 300,
        escalate: [{ after: 1800, tell: ["technician"] }],
        enabled: false,
      });
      expect(rules.find(({ id }) => id === "late-390")).toMatchObject({
        lasts: 600,
        severity: "critical",
        enabled: false,
      });
      expect(receivers).toMatchObject([{ id: "hook-1440", places: ["storeroom-1"] }, { id: "hook-390" }]);
      expect(windows).toMatchObject([{ id: "cleaning" }, { id: "night-1440", when: { from: "22:00", to: "06:00" } }]);
      const { lines } = await client.get<AuditPage>("/audit?subject=alert-window%3Anight-390");
      expect(lines.map(({ actor, action }) => [actor, action])).toEqual([
        ["admin", "alert-window.removed"],
        ["admin", "alert-window.set"],
      ]);

      await client.post("/users", { username: "nurse.joy", password: "a long password", role: "viewer" });
      const page = await browser.newPage({ viewport: { width: 390, height: 844 } });
      await signIn(page, box.url, "nurse.joy", "a long password");
      await page.goto(`${box.url}/alerts`);
      await page.getByTestId("rules").getByText("delay p95 above 60 s").first().waitFor();
      expect(await page.getByRole("button", { name: /^(New|Edit|Remove|Send)/ }).count()).toBe(0);
      await page.close();
    });

    it("fits every view into a phone and a desk", async () => {
      for (const viewport of VIEWPORTS) {
        const page = await browser.newPage({ viewport });
        await signIn(page, box.url);
        for (const path of ["/?q=infusion%20pump", "/work-list", "/gateways", "/alerts", "/", "/trouble/wrong-place"]) {
          if (path === "/") await (wrongPlace ?? inWrongPlace(client, box));
          await page.goto(`${box.url}${path}`);
          await page.getByRole("main").waitFor();
          if (path === "/") await page.getByRole("link", { name: "in a wrong place" }).waitFor();
          await page.waitForTimeout(500);
          await picture(page, `${path.replaceAll(/\W+/g, "-").replace(/^-|-$/g, "") || "home"}-${viewport.width}`);
          expect([path, viewport.width, await overflows(page)]).toEqual([path, viewport.width, false]);
        }
        await page.close();
      }
    });
  },
);

/** A rule, a receiver and a window of this name by their forms: what is wrong is said where it is, and one is taken away again. */
async function setAlerts(page: Page, name: string): Promise<void> {
  const form = page.getByRole("dialog");
  const of = (list: string, title: string) => page.getByTestId(list).getByRole("listitem").filter({ hasText: title });
  const done = (list: string, title: string) => of(list, title).waitFor();
  await page.getByRole("button", { name: "New rule" }).click();
  await form.getByLabel("Title").fill(`Late ${name}`);
  await form.getByLabel("Measurement").selectOption("delay");
  await form.getByLabel("Figure", { exact: true }).selectOption("p95");
  await form.getByLabel("Above or below").selectOption("above");
  await form.getByLabel("Limit, in s").fill("60");
  await form.getByLabel("Kind of thing").fill("pump");
  await form.getByRole("button", { name: "Add a step" }).click();
  await form.getByLabel("Roles that are told").fill("Technician");
  await form.getByRole("button", { name: "Save" }).click();
  await form.getByRole("alert").getByText("delay knows of no kinds").waitFor();
  // It is read out with its field, which has the focus.
  await form.locator(":focus[aria-invalid=true]").waitFor();
  expect(await overflows(page)).toBe(false);
  await picture(page, `rule-${name}`);
  await form.getByLabel("Kind of thing").fill("");
  await form.getByRole("button", { name: "Save" }).click();
  await done("rules", `Late ${name}`);
  // It shows what is saved: that comes after the click, on a busy machine long after.
  await of("rules", `Late ${name}`).getByRole("checkbox", { checked: true }).click();
  await of("rules", `Late ${name}`).getByRole("checkbox", { checked: false }).waitFor();

  await page.getByRole("button", { name: "New receiver" }).click();
  await form.getByLabel("Name").fill(`Hook ${name}`);
  await form.getByLabel("How").selectOption("webhook");
  await form.getByLabel("Address (URL)").fill("http://127.0.0.1:9/hook");
  await form.getByRole("checkbox", { name: "Central store", exact: true }).check();
  await form.getByRole("button", { name: "Save" }).click();
  expect(await page.getByLabel("Secret that signs").inputValue()).toMatch(/^whsec_/);
  await page.keyboard.press("Escape");
  await done("receivers", `Hook ${name}`);

  // By keyboard alone.
  await page.getByRole("button", { name: "New window" }).focus();
  await page.keyboard.press("Enter");
  await form.locator("input:focus").waitFor();
  await page.keyboard.type(`Night ${name}`);
  await page.keyboard.press("Enter");
  await done("windows", `Night ${name}`);
  if (name === "1440") return bringIn(page);
  await of("windows", `Night ${name}`).getByRole("button").focus();
  await page.keyboard.press("Enter");
  await form.getByRole("button", { name: "Remove…" }).focus();
  await page.keyboard.press("Enter");
  await form.getByRole("button", { name: "Remove", exact: true }).click();
  await of("windows", `Night ${name}`).waitFor({ state: "detached" });
}

/** What is saved as a file, with one window more in it. */
async function bringIn(page: Page): Promise<void> {
  const saved = page.waitForEvent("download");
  await page.getByRole("link", { name: "Save as a file" }).click();
  const { windows } = JSON.parse(readFileSync(await (await saved).path(), "utf8")) as AlertSetup;
  const when = { days: ["sun"], from: "03:00", to: "04:00" };
  const more = [...windows, { id: "cleaning", title: "Cleaning", kind: "maintenance", when }];
  const buffer = Buffer.from(JSON.stringify({ windows: more }));
  await page.getByLabel("Bring in a file").setInputFiles({ name: "alerts.json", mimeType: "application/json", buffer });
  await page.getByTestId("windows").getByRole("listitem").filter({ hasText: "Cleaning" }).waitFor();
}

/** While a rule is in its form another administrator changes it: the form says so, and goes on from there. */
async function changeWhatAnotherChanges(page: Page, client: ApiClient, url: string): Promise<void> {
  await client.post("/users", { username: "second", password: "a long password", role: "administrator" });
  const second = new ApiClient(url);
  await second.signIn("second", "a long password");
  const form = page.getByRole("dialog");
  const late = page.getByTestId("rules").getByRole("listitem").filter({ hasText: "Late 390" });
  await late.getByRole("button").click();
  await form.getByLabel("Severity").selectOption("critical");
  const rule = (await client.get<AlertSetup>("/alerts/setup")).rules.find(({ id }) => id === "late-390");
  await second.put("/alerts/rules/late-390", { ...rule, lasts: 600 });
  await form.getByRole("button", { name: "Save" }).click();
  const told = form.getByRole("alert").filter({ hasText: "second has changed this rule" });
  await told.getByText("Otherwise there now: Holds for. What you").waitFor();
  expect(await overflows(page)).toBe(false);
  await picture(page, "overtaken-390");
  await told.getByRole("button", { name: "Load what is set now" }).click();
  await told.waitFor({ state: "detached" });
  expect(await form.getByLabel("Holds for", { exact: true }).inputValue()).toBe("10");
  expect(await form.getByLabel("Severity").inputValue()).toBe("warning");
  await form.getByLabel("Severity").selectOption("critical");
  await form.getByRole("button", { name: "Save" }).click();
  await form.waitFor({ state: "detached" });
}

async function signIn(page: Page, url: string, name = "admin", password = "of-the-test"): Promise<void> {
  await page.goto(url);
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("searchbox", { name: "Find a thing or a kind" }).waitFor();
}

/** A pump that nobody carries, a place to carry it to through a door, and what that place is called. */
async function pumpToMove(
  client: ApiClient,
  box: BoxProcess,
): Promise<{ pump: Item & { epc: string }; to: string; there: string }> {
  const { items } = await client.get<ItemPage>("/items?kind=infusion%20pump&limit=100");
  const pumps = items.length > 0 ? items : (await client.get<ItemPage>("/items?q=infusion%20pump&limit=100")).items;
  const truth = await simulatedTruth(box.note().simulation);
  const faulty = await faultyTags(box);
  const { locations } = await client.get<LocationList>("/locations");
  for (const pump of pumps) {
    const { epc } = pump;
    const now = truth.items.find((item) => item.epc === pump.epc);
    if (epc === null || now === undefined || now.carried || faulty.has(now.epc) || pump.place?.code === "storeroom-1")
      continue;
    const to = now.observablePlace === "storeroom-1" ? undefined : "storeroom-1";
    const there = locations.find((location) => location.code === to)?.name;
    if (to !== undefined && there !== undefined) return { pump: { ...pump, epc }, to, there };
  }
  throw new Error(`no pump to move among ${pumps.length}`);
}

/** Waits until a pump is in a wrong place. People may take it away again before it counts: then another is carried there. */
async function inWrongPlace(client: ApiClient, box: BoxProcess): Promise<void> {
  for (const end = Date.now() + 90_000; ; ) {
    for (const until = Date.now() + 50_000; Date.now() < until; await new Promise((next) => setTimeout(next, 500))) {
      const { items } = await client.get<ItemPage>("/items?trouble=wrong-place");
      if (items.length > 0) return;
    }
    if (Date.now() > end) throw new Error("no pump is ever in a wrong place");
    const { pump, to } = await pumpToMove(client, box);
    await carry(box, pump.epc, to);
  }
}

/** Those of which no reader will ever hear enough. */
async function faultyTags(box: BoxProcess): Promise<Set<string>> {
  const answer = await fetch(`${box.note().simulation}/status`);
  const { faulty } = (await answer.json()) as { faulty: { epc: string }[] };
  return new Set(faulty.map(({ epc }) => epc));
}

/** Has it carried, and waits until it lies there. */
async function carried(box: BoxProcess, epc: string, to: string): Promise<void> {
  await carry(box, epc, to);
  const lies = async () => {
    const { items } = await simulatedTruth(box.note().simulation);
    return items.some((item) => item.epc === epc && item.place === to && !item.carried);
  };
  await expect.poll(lies, { timeout: CARRIED_MS, interval: 200 }).toBe(true);
}

async function carry(box: BoxProcess, epc: string, to: string): Promise<void> {
  const answer = await fetch(`${box.note().simulation}/carry`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ epc, to }),
  });
  if (!answer.ok) throw new Error(`carry ${epc}: ${answer.status} ${await answer.text()}`);
}

/** Whether the page is wider than the window. */
function overflows(page: Page): Promise<boolean> {
  return page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth + 1");
}

async function picture(page: Page, name: string): Promise<void> {
  if (PICTURES !== undefined) await page.screenshot({ path: `${PICTURES}/${name}.png` });
}
