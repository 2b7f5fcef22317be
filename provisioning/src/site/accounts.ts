import { hash, verify } from "@node-rs/argon2";
import { BrokerAccounts } from "@storeward/contracts";
import { validator } from "@storeward/runtime";

type Account = BrokerAccounts["accounts"][number];

/**
 * Cheap on purpose: these passwords are 192 random bits, which nobody guesses, and after an outage a whole fleet signs in
 * at once. People's passwords are hashed elsewhere, at full cost.
 */
const COST = { memoryCost: 1024, timeCost: 1, parallelism: 1 } as const;

/** One login of the broker. */
export interface Login {
  readonly username: string;
  readonly role: Account["role"];
  readonly password: string;
}

/** `broker-accounts.json`. A hash of the same password is kept, so that the file stays the same. */
export async function accountsFile(logins: readonly Login[], before: string | undefined): Promise<string> {
  const kept = new Map(parse(before).map((account) => [account.username, account.passwordHash]));
  const accounts: Account[] = [];
  for (const { username, role, password } of logins) {
    const old = kept.get(username);
    const same = old !== undefined && (await verify(old, password).catch(() => false));
    accounts.push({ username, role, passwordHash: same ? old : await hash(password, COST) });
  }
  return `${JSON.stringify({ accounts } satisfies BrokerAccounts, null, 2)}\n`;
}

const check = validator(BrokerAccounts);

/** The accounts of an earlier run; none of a file that is damaged: it is made of the passwords and written anew. */
function parse(text: string | undefined): readonly Account[] {
  try {
    const result = check(JSON.parse(text ?? ""));
    return result.ok ? result.value.accounts : [];
  } catch {
    return [];
  }
}
