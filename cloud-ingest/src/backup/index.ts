export { backup } from "./backup.js";
export { LineWriter } from "./line-writer.js";
export { restore } from "./restore.js";
