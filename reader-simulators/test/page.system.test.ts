import { existsSync } from "node:fs";
import type { Item, ItemPage, LocationList } from "@storeward/contracts";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ApiClient, simulatedTruth } from "./box/api-client.js";
import { BoxProcess } from "./box/box-process.js";

const CHROMIUM = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);
const required = process.env.STOREWARD_REQUIRE_SERVERS === "1";

/** Where the pictures go that a person looks at; none are kept unless it is named. */
const PICTURES = process.env.STOREWARD_TEST_PICTURES;

describe.skipIf(CHROMIUM === undefined && !required)(
  "the page, in Chromium (skipped where it is not installed)",
  () => {
    let box: BoxProcess;
    let browser: Browser;
    let client: ApiClient;

    beforeAll(async () => {
      box = await BoxProcess.create();
      await box.start(["--seed", "102"]);
      client = new ApiClient(box.url);
      await client.signIn("admin", "of-the-test");
      browser = await chromium.launch({
        executablePath: CHROMIUM ?? "chromium",
        args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"],
      });
    });

    afterAll(async () => {
      await browser?.close();
      await box?.remove();
    });

    it.each([
      ["a phone", { width: 390, height: 844 }],
      ["a desk", { width: 1440, height: 900 }],
    ])("finds a pump by typing, and shows it where it is carried to, on %s", async (_name, viewport) => {
      const page = await browser.newPage({ viewport });
      const problems: string[] = [];
      page.on("pageerror", (error) => problems.push(String(error)));
      await signIn(page, box.url);

      const { pump, to, there } = await pumpToMove(client, box);
      const search = page.getByRole("searchbox", { name: "Find a thing or a kind" });
      await search.fill(pump.name);
      await page.getByTestId("result").filter({ hasText: pump.name }).first().getByRole("link").first().click();
      await page.getByRole("heading", { name: pump.name }).first().waitFor();
      const place = page.getByTestId("place");
      expect(await place.textContent()).not.toContain(there);

      await ask(box.note().simulation, "/carry", { epc: pump.epc, to });
      await place.filter({ hasText: there }).waitFor({ timeout: 120_000 });
      await picture(page, `item-${viewport.width}`);
      expect(await overflows(page)).toBe(false);
      expect(problems).toEqual([]);
      await page.close();
    });

    it("fits every view into a phone and a desk", async () => {
      for (const viewport of [
        { width: 390, height: 844 },
        { width: 1440, height: 900 },
      ]) {
        const page = await browser.newPage({ viewport });
        await signIn(page, box.url);
        for (const path of ["/", "/?q=infusion%20pump", "/work-list", "/gateways"]) {
          await page.goto(`${box.url}${path}`);
          await page.getByRole("main").waitFor();
          await page.waitForTimeout(500);
          await picture(page, `${path.replaceAll(/\W+/g, "-").replace(/^-|-$/g, "") || "home"}-${viewport.width}`);
          expect([path, viewport.width, await overflows(page)]).toEqual([path, viewport.width, false]);
        }
        await page.close();
      }
    });
  },
);

async function signIn(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await page.getByLabel("Name").fill("admin");
  await page.getByLabel("Password", { exact: true }).fill("of-the-test");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("searchbox", { name: "Find a thing or a kind" }).waitFor();
}

/** A pump that nobody carries, a place to carry it to through a door, and what that place is called. */
async function pumpToMove(client: ApiClient, box: BoxProcess): Promise<{ pump: Item; to: string; there: string }> {
  const { items } = await client.get<ItemPage>("/items?kind=infusion%20pump&limit=100");
  const pumps = items.length > 0 ? items : (await client.get<ItemPage>("/items?q=infusion%20pump&limit=100")).items;
  const truth = await simulatedTruth(box.note().simulation);
  const { locations } = await client.get<LocationList>("/locations");
  for (const pump of pumps) {
    const now = truth.items.find((item) => item.epc === pump.epc);
    if (now === undefined || now.carried || pump.place?.code === "storeroom-1") continue;
    const to = now.observablePlace === "storeroom-1" ? undefined : "storeroom-1";
    const there = locations.find((location) => location.code === to)?.name;
    if (to !== undefined && there !== undefined) return { pump, to, there };
  }
  throw new Error(`no pump to move among ${pumps.length}`);
}

async function ask(simulation: string, path: string, body: unknown): Promise<void> {
  const answer = await fetch(`${simulation}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
}

/** Whether the page is wider than the window. */
function overflows(page: Page): Promise<boolean> {
  return page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth + 1");
}

async function picture(page: Page, name: string): Promise<void> {
  if (PICTURES !== undefined) await page.screenshot({ path: `${PICTURES}/${name}.png` });
}
