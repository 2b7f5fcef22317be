import type { CliOption, CliOptions, CliProgram } from "./cli.js";

/** The text of `--help` for a program, or for one of its commands. */
export function helpText(program: CliProgram, commandName: string | undefined, standard: CliOptions): string {
  const command = commandName === undefined ? undefined : program.commands?.[commandName];
  const target = command ?? program;
  const called = [program.name, ...(commandName === undefined ? [] : [commandName])].join(" ");
  const commands = command === undefined ? Object.entries(program.commands ?? {}) : [];
  const defaultUsage = [...(commands.length > 0 ? ["[COMMAND]"] : []), "[OPTIONS]", ...(target.positionals ?? [])].join(
    " ",
  );
  const sections = [`Usage: ${called} ${target.usage ?? defaultUsage}`, target.description];
  if (commands.length > 0)
    sections.push(
      table(
        "Commands",
        // The rest is for the help of the command itself.
        commands.map(([name, { description }]) => [name, description.split("\n", 1)[0] ?? ""]),
      ),
    );
  const options = Object.entries({ ...target.options, ...standard });
  sections.push(
    table(
      "Options",
      options.map(([name, option]) => [optionName(name, option), optionText(option)]),
    ),
  );
  return `${sections.join("\n\n")}\n`;
}

function table(title: string, rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length)) + 2;
  return [`${title}:`, ...rows.map(([left, right]) => `  ${left.padEnd(width)}${right}`)].join("\n");
}

function optionName(name: string, option: CliOption): string {
  const short = option.short === undefined ? "    " : `-${option.short}, `;
  const value = option.type === "string" ? ` ${option.placeholder ?? "VALUE"}` : "";
  return `${short}--${name}${value}`;
}

function optionText({ description, default: preset }: CliOption): string {
  return preset === undefined || preset === false ? description : `${description} (default: ${String(preset)})`;
}
