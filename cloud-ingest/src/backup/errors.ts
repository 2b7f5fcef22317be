import { defineErrors } from "@storeward/runtime";

export const E = defineErrors({
  BACKUP_UNREADABLE: { template: "{file} is no whole Storeward backup: {reason}. Nothing was changed" },
  BACKUP_OTHER_LEDGER: {
    template:
      "{file} is of ledger {found}, and cloud.yaml names {own}: restoring it here would make agents trust a stranger. Nothing was changed",
  },
  BACKUP_NEWER: {
    template: "{file} was written by a newer release (unknown steps {ids}): restore it with that release",
  },
  RESTORE_NOT_EMPTY: {
    template: "The database already holds {rows} journal rows: give --force to put the backup in their place",
  },
});
