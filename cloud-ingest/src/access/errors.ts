import { defineErrors } from "@storeward/runtime";

export const E = defineErrors({
  SIGN_IN_REFUSED: { template: "This user name and password do not belong together", status: 401 },
  SIGN_IN_TOO_OFTEN: {
    template: "Too many failed sign-ins: try again in {retryAfter} s",
    status: 429,
    retryable: true,
  },
  SIGN_IN_BUSY: { template: "Too many sign-ins at once: try again in a moment", status: 503, retryable: true },
  USERNAME_TAKEN: { template: "There is already a user named {username}", status: 409 },
  USER_NOT_FOUND: { template: "There is no such user", status: 404 },
  LAST_ADMINISTRATOR: {
    template: "{username} is the last administrator: make another one first",
    status: 409,
  },
});
