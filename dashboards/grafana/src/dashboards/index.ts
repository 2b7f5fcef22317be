import type { DashboardSpec } from "../dashboard.js";
import { equipment } from "./equipment.js";
import { onHand } from "./on-hand.js";
import { operations } from "./operations.js";
import { trust } from "./trust.js";
import { places } from "./where.js";

export const DASHBOARDS: readonly DashboardSpec[] = [trust, places, equipment, onHand, operations];
