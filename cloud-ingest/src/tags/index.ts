export type { ActJournal, ReportedTag, TagAssignments, TagRegister, TagSpell } from "./types.js";
