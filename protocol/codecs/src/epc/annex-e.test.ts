import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { decodeEpc, type EpcScheme, encodeEpc, epcSchemes, toEpc } from "./index.js";

const annexE = fileURLToPath(new URL("../../../../../shared/data/epc/tds-2.3-annex-e.csv", import.meta.url));

/** As it stands in memory: the standard prints '+' schemes to their last hex digit that is not padding. */
const inWords = (hex: string) => hex.padEnd(Math.ceil(hex.length / 4) * 4, "0");

interface Vector {
  readonly scheme: EpcScheme;
  readonly elements: string;
  /** Without `urn:epc:id:`; "" for the '+' schemes, which do not say how long the company prefix is. */
  readonly uri: string;
  /** Without `urn:epc:tag:` and the scheme. */
  readonly tag: string;
  /** Without `https://`. */
  readonly link: string;
  readonly hex: string;
}

/**
 * TDS 2.3 §E.3, printed: scheme, element string, pure identity URI, tag URI, Digital Link URI, hex. Mended, for they contradict
 * table 14-1 and §14.5.16: the headers of SSCC++ (F9 there) and ITIP++ (F3), and the host of SGTIN++ and DSGTIN++
 * (example.com there, while their bits say id.example.com).
 */
const printed = `
sgtin-96 (01)09506000134352(21)123456789 sgtin:95060001343.05.123456789 3.95060001343.05.123456789 id.gs1.org/01/09506000134352/21/123456789 3066C4409047E140075BCD15
sgtin-198 (01)09506000134352(21)32a/b sgtin:95060001343.05.32a%2Fb 3.95060001343.05.32a%2Fb id.gs1.org/01/09506000134352/21/32a%2Fb 3666C4409047E159B2C2BF100000000000000000000000000000
sgtin+ (01)79521141123453(21)32a/b - - id.gs1.org/01/79521141123453/21/32a%2Fb F73795211411234538566CB0AFC4
dsgtin+ (01)79521141123453(21)32a/b(17)220630 - - id.gs1.org/01/79521141123453/21/32a%2Fb?17=220630 FB342CDE795211411234538566CB0AFC4
sgtin++ (01)79521141123453(21)32a/b - - id.example.com/01/79521141123453/21/32a%2Fb FD3795211411234538566CB0AFC525065F1876F0D996D800
dsgtin++ (01)79521141123453(21)32a/b(17)220630 - - id.example.com/01/79521141123453/21/32a%2Fb?17=220630 FC342CDE795211411234538566CB0AFC525065F1876F0D996D80
sscc-96 (00)095201234567891235 sscc:952012.03456789123 0.952012.03456789123 id.gs1.org/00/095201234567891235 311BA1B300CE0A6A83000000
sscc+ (00)095201234567891235 - - id.gs1.org/00/095201234567891235 F90095201234567891235
sscc++ (00)095201234567891235 - - id.example.com/00/095201234567891235 EF009520123456789123592832F8C3B786CCB6C0
sgln-96 (414)9521141123454(254)5678 sgln:9521141.12345.5678 3.9521141.12345.5678 id.gs1.org/414/9521141123454/254/5678 3276451FD46072000000162E
sgln-195 (414)9521141123454(254)32a/b sgln:9521141.12345.32a%2Fb 3.9521141.12345.32a%2Fb id.gs1.org/414/9521141123454/254/32a%2Fb 3976451FD46072CD9615F8800000000000000000000000000000
sgln+ (414)9521141123454(254)32a/b - - id.gs1.org/414/9521141123454/254/32a%2Fb F2395211411234548566CB0AFC4
sgln++ (414)9521141123454(254)32a/b - - id.example.com/414/9521141123454/254/32a%2Fb E9395211411234548566CB0AFC525065F1876F0D996D8000
grai-96 (8003)095211411234545678 grai:9521141.12345.5678 3.9521141.12345.5678 id.gs1.org/8003/095211411234545678 3376451FD40C0E400000162E
grai-170 (8003)0952114112345432a/b grai:9521141.12345.32a%2Fb 3.9521141.12345.32a%2Fb id.gs1.org/8003/0952114112345432a%2Fb 3776451FD40C0E59B2C2BF1000000000000000000000
grai+ (8003)0952114112345432a/b - - id.gs1.org/8003/0952114112345432a%2Fb F13095211411234548566CB0AFC4
grai++ (8003)0952114112345432a/b - - id.example.com/8003/0952114112345432a%2Fb EB3095211411234548566CB0AFC525065F1876F0D996D800
giai-96 (8004)95211415678 giai:9521141.5678 3.9521141.5678 id.gs1.org/8004/95211415678 3476451FD40000000000162E
giai-202 (8004)952114132a/b giai:9521141.32a%2Fb 3.9521141.32a%2Fb id.gs1.org/8004/952114132a%2Fb 3876451FD59B2C2BF10000000000000000000000000000000000
giai+ (8004)952114132a/b - - id.gs1.org/8004/952114132a%2Fb FA3952114132E83C2BF10
giai++ (8004)952114132a/b - - id.example.com/8004/952114132a%2Fb EE3952114132E83C2BF1494197C61DBC3665B600
gsrn-96 (8018)952114112345678906 gsrn:9521141.1234567890 3.9521141.1234567890 id.gs1.org/8018/952114112345678906 2D76451FD4499602D2000000
gsrn+ (8018)952114112345678906 - - id.gs1.org/8018/952114112345678906 F43952114112345678906
gsrn++ (8018)952114112345678906 - - id.example.com/8018/952114112345678906 E7395211411234567890692832F8C3B786CCB6C0
gsrnp-96 (8017)952114112345678906 gsrnp:9521141.1234567890 3.9521141.1234567890 id.gs1.org/8017/952114112345678906 2E76451FD4499602D2000000
gsrnp+ (8017)952114112345678906 - - id.gs1.org/8017/952114112345678906 F53952114112345678906
gsrnp++ (8017)952114112345678906 - - id.example.com/8017/952114112345678906 E8395211411234567890692832F8C3B786CCB6C0
gdti-96 (253)95211411234545678 gdti:9521141.12345.5678 3.9521141.12345.5678 id.gs1.org/253/95211411234545678 2C76451FD46072000000162E
gdti-174 (253)9521141987650ABCDefgh012345678 gdti:9521141.98765.ABCDefgh012345678 3.9521141.98765.ABCDefgh012345678 id.gs1.org/253/9521141987650ABCDefgh012345678 3E76451FD7039B061438997367D0C18B266D1AB66EE0
gdti+ (253)95211411234545678 - - id.gs1.org/253/95211411234545678 F6395211411234540458B8
gdti++ (253)95211411234545678 - - id.example.com/253/95211411234545678 EA395211411234540458BA4A0CBE30EDE1B32DB0
cpi-96 (8010)952114198765(8011)12345 cpi:9521141.98765.12345 3.9521141.98765.12345 id.gs1.org/8010/952114198765/8011/12345 3C76451FD400C0E680003039
cpi-var (8010)95211415PQ7/Z43(8011)12345 cpi:9521141.5PQ7%2FZ43.12345 3.9521141.5PQ7%2FZ43.12345 id.gs1.org/8010/95211415PQ7%2FZ43/8011/12345 3D76451FD75411DEF6B4CC00000003039000
cpi+ (8010)95211415PQ7/Z43(8011)12345 - - id.gs1.org/8010/95211415PQ7%2FZ43/8011/12345 F0395211415E87A145BAFB4D19A8C0E4
cpi++ (8010)95211415PQ7/Z43(8011)12345 - - id.example.com/8010/95211415PQ7%2FZ43/8011/12345 E6395211415E87A145BAFB4D19A8C0E64A0CBE30EDE1B32DB000
sgcn-96 (255)952114167890904711 sgcn:9521141.67890.04711 3.9521141.67890.04711 id.gs1.org/255/952114167890904711 3F76451FD612640000019907
sgcn+ (255)952114167890904711 - - id.gs1.org/255/952114167890904711 F839521141678909509338
sgcn++ (255)952114167890904711 - - id.example.com/255/952114167890904711 EC3952114167890950933C94197C61DBC3665B60
gid-96 - gid:952056.2718.1414 952056.2718.1414 - 3500E86F8000A9E000000586
usdod-96 - usdod:CAGEY.5678 3.CAGEY.5678 - 2F320434147455900000162E
adi-var - adi:35962.PQ7VZ4.M37GXB92 3.35962.PQ7VZ4.M37GXB92 - 3B0E0CF5E76C9047759AD00373DC7602E7200
itip-110 (8006)095211411234540102(21)981 itip:9521141.012345.01.02.981 3.9521141.012345.01.02.981 id.gs1.org/8006/095211411234540102/21/981 4076451FD40C0E40820000000F54
itip-212 (8006)095211411234540102(21)mw133 itip:9521141.012345.01.02.mw133 3.9521141.012345.01.02.mw133 id.gs1.org/8006/095211411234540102/21/mw133 4176451FD40C0E4082DBDD8B36600000000000000000000000000000
itip+ (8006)095211411234540102(21)rif981 - - id.gs1.org/8006/095211411234540102/21/rif981 F3309521141123454010266AE27FDF35
itip++ (8006)095211411234540102(21)rif981 - - id.example.com/8006/095211411234540102/21/rif981 ED309521141123454010266AE27FDF3592832F8C3B786CCB6C00
`;

const vectors: readonly Vector[] = printed
  .trim()
  .split("\n")
  .map((line) => {
    const [scheme, elements = "", uri = "", tag = "", link = "", hex = ""] = line
      .split(" ")
      .map((word) => (word === "-" ? "" : word));
    return { scheme: scheme as EpcScheme, elements, uri, tag, link, hex };
  });

const named = vectors.map((vector) => [vector.scheme, vector.hex, vector] as const);

const prefixed = (start: string, text: string) => (text === "" ? undefined : start + text);

describe("the examples of TDS 2.3 §E.3", () => {
  it("are of every scheme but GDTI-113, which is deprecated", () => {
    const missing = Object.keys(epcSchemes).filter((name) => vectors.every(({ scheme }) => scheme !== name));
    expect(missing).toEqual(["gdti-113"]);
  });

  it.each(named)("%s %s decodes to its element string and URIs", (scheme, hex, { elements, uri, tag, link }) => {
    const epc = decodeEpc(hex);
    expect(epc).toMatchObject({ scheme, hex, elementString: elements, canonical: true });
    expect(epc).toHaveProperty("uri", prefixed("urn:epc:id:", uri));
    expect(epc).toHaveProperty("tagUri", prefixed(`urn:epc:tag:${scheme}:`, tag));
    expect(epc).toHaveProperty("digitalLink", prefixed("https://", link));
  });

  it.each(named)("%s encodes to %s from what it decodes to", (_, hex) => {
    const epc = decodeEpc(hex);
    expect(epc.scheme !== "unknown" && encodeEpc(epc)).toBe(inWords(hex));
  });

  it.each(named)("%s %s is the same from every form", (scheme, hex, { elements, uri, tag, link }) => {
    const { filter, companyPrefixLength, hostname } = decodeEpc(hex) as {
      filter?: number;
      companyPrefixLength?: number;
      hostname?: string;
    };
    const options = { scheme, filter, companyPrefixLength, hostname };
    const forms = [elements, prefixed("urn:epc:id:", uri), prefixed("https://", link)];
    const written = forms
      .filter((form) => form !== undefined && form !== "")
      .map((form) => toEpc(form ?? "", options).hex);
    if (tag !== "") written.push(toEpc(`urn:epc:tag:${scheme}:${tag}`).hex);
    written.push(toEpc(hex).hex);
    expect(new Set(written)).toEqual(new Set([inWords(hex)]));
  });
});

describe.skipIf(!existsSync(annexE))("the annex as data (needs ../shared/data/epc)", () => {
  const lines = existsSync(annexE) ? readFileSync(annexE, "utf8").trim().split("\n").slice(1) : [];
  const rows = lines.map((line) => line.split(",") as [string, string, string, string]);

  it.each(rows)("%s %s: decodes, and encodes again", (scheme, elementString, uri, hex) => {
    const epc = decodeEpc(hex);
    expect(epc).toMatchObject({ scheme, elementString });
    expect(epc).toHaveProperty("uri", uri === "" ? undefined : uri);
    expect(epc.scheme !== "unknown" && encodeEpc(epc)).toBe(inWords(hex));
  });
});
