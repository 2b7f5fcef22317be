export { attach } from "./attach.js";
export { logDays } from "./days.js";
export { detach } from "./detach.js";
export { exportDay } from "./export.js";
export { migrations } from "./migrations.js";
export { FOLLOWERS, whyNeeded } from "./needed.js";
