import { driverContract } from "./driver.contract.js";
import { alien, impinjIot, llrp, metratec, tsl, zebraIot } from "./readers/under-test.js";

for (const reader of [llrp, metratec, tsl, alien, impinjIot, zebraIot]) driverContract(reader);
