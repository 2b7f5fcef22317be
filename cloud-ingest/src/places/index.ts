export type { DirectoryPlace, DirectoryReadPoint, PlaceDirectory } from "./types.js";
