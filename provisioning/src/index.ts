/* For the tests of other workspaces. Whoever sets up a site uses the command `storeward-provision`. */

export { provisionSite } from "./site/provision-site.js";
export { loadSite } from "./site-file.js";
