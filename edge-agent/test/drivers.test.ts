import { driverContract, driverMemoryContract } from "./driver.contract.js";
import { alien, impinjIot, llrp, metratec, tsl, zebraIot } from "./readers/under-test.js";

const readers = [llrp, metratec, tsl, alien, impinjIot, zebraIot];
for (const reader of readers) driverContract(reader);
for (const reader of readers) driverMemoryContract(reader);
