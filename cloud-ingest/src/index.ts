/* For the tests of other workspaces. Whoever runs the service uses the command `storeward-cloud`. */

export { Cloud } from "./app.js";
export { loadCloudConfig } from "./config.js";
