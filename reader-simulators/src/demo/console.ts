/** What the box says to the person who started it: a line a step, then only what they should know. */
export interface BoxConsole {
  done(step: string, text: string): void;
  notice(text: string): void;
  ready(facts: BoxFacts): void;
  stopping(): void;
  stopped(data: string): void;
}

export interface BoxFacts {
  readonly url: string;
  readonly passwordFile: string;
  readonly data: string;
  readonly keepDays: number;
  readonly keepBytes: number;
}

export function boxConsole(print: (line: string) => void, now: () => Date): BoxConsole {
  return {
    done: (step, text) => print(`  ${step.padEnd(8)} ${text}`),
    notice: (text) => print(`${now().toTimeString().slice(0, 8)}  ${text}`),
    stopping: () => print("\n  Stopping: agents, cloud, readers"),
    stopped: (data) => print(`  Stopped. What was kept is in ${data}; npm start goes on with it`),
    ready: ({ url, passwordFile, data, keepDays, keepBytes }) => {
      print("");
      print(`  Storeward is running: ${url}`);
      print(`  Sign in as admin; the password is in ${passwordFile}`);
      print(
        `  API: ${url}/api/docs   Data: ${data} (kept ${keepDays} days or ${keepBytes / 1024 ** 3} GB)   Stop: Ctrl-C`,
      );
      print("");
    },
  };
}
