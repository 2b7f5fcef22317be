import type { ComponentChildren, JSX } from "preact";
import { useId } from "preact/hooks";

/** What a control of a field needs, so that its name, hint and problem are read out with it. */
export interface Described {
  readonly id: string;
  readonly "aria-describedby": string | undefined;
  readonly "aria-invalid": boolean | undefined;
}

/** A control with its name above it, what helps to fill it in, and what is wrong with it. */
export function Field({
  label,
  hint,
  problem,
  children,
}: {
  label: string;
  hint?: string | undefined;
  problem?: string | undefined;
  children: (props: Described) => JSX.Element;
}) {
  const id = useId();
  const says = [hint === undefined ? "" : `${id}h`, problem === undefined ? "" : `${id}p`].join(" ").trim();
  const described = {
    id,
    "aria-describedby": says === "" ? undefined : says,
    "aria-invalid": problem === undefined ? undefined : true,
  };
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children(described)}
      {hint !== undefined && (
        <p id={`${id}h`} class="small muted">
          {hint}
        </p>
      )}
      {problem !== undefined && (
        <p id={`${id}p`} class="small text-bad">
          {problem}
        </p>
      )}
    </div>
  );
}

/** A line of text. What else is given goes to the input: its type, its pattern. */
export function TextField({
  label,
  hint,
  problem,
  value,
  onChange,
  type = "text",
  ...input
}: {
  label: string;
  hint?: string | undefined;
  problem?: string | undefined;
  value: string;
  onChange: (value: string) => void;
  type?: "text" | "email" | "url";
  multiple?: boolean;
  required?: boolean;
  maxLength?: number;
  pattern?: string;
  title?: string;
}) {
  return (
    <Field label={label} hint={hint} problem={problem}>
      {(described) => {
        const all = {
          ...described,
          ...input,
          class: "input",
          autocomplete: "off",
          value,
          onInput: (event: { readonly currentTarget: HTMLInputElement }) => onChange(event.currentTarget.value),
        };
        // Each type has attributes of its own.
        if (type === "email") return <input {...all} type="email" />;
        return type === "url" ? <input {...all} type="url" /> : <input {...all} type="text" />;
      }}
    </Field>
  );
}

/** Controls that belong together under one name. */
export function Group({
  legend,
  hint,
  problem,
  children,
}: {
  legend: string;
  hint?: string | undefined;
  problem?: string | undefined;
  children: ComponentChildren;
}) {
  const id = useId();
  return (
    <fieldset class="field" aria-describedby={`${id}h ${id}p`}>
      <legend>{legend}</legend>
      {children}
      <p id={`${id}h`} class="small muted">
        {hint}
      </p>
      <p id={`${id}p`} class="small text-bad">
        {problem}
      </p>
    </fieldset>
  );
}

export interface Choice<T extends string> {
  readonly value: T;
  readonly name: string;
  /** How far it stands in. */
  readonly depth?: number;
}

/** One of several. */
export function Select<T extends string>({
  value,
  choices,
  onChange,
  ...rest
}: Partial<Described> & {
  value: T;
  choices: readonly Choice<T>[];
  onChange: (value: T) => void;
  "aria-label"?: string;
  required?: boolean;
}) {
  return (
    <select {...rest} class="select" value={value} onChange={(event) => onChange(event.currentTarget.value as T)}>
      {choices.map(({ value: each, name, depth = 0 }) => (
        <option key={each} value={each}>
          {"\u2003".repeat(depth)}
          {name}
        </option>
      ))}
    </select>
  );
}

/** Any of several; where there are many, in a box that scrolls. */
export function Checks<T extends string>({
  chosen,
  choices,
  onChange,
  inRow = false,
}: {
  chosen: readonly T[];
  choices: readonly Choice<T>[];
  onChange: (chosen: readonly T[]) => void;
  inRow?: boolean;
}) {
  return (
    <div class={inRow ? "checks checks-row" : "checks"}>
      {choices.map(({ value, name, depth = 0 }) => (
        <Check
          key={value}
          name={name}
          depth={depth}
          checked={chosen.includes(value)}
          onChange={(on) => onChange(on ? [...chosen, value] : chosen.filter((each) => each !== value))}
        />
      ))}
    </div>
  );
}

/** Yes or no. */
export function Check({
  name,
  checked,
  depth = 0,
  onChange,
}: {
  name: string;
  checked: boolean;
  depth?: number;
  onChange: (on: boolean) => void;
}) {
  return (
    <label class="choice" style={{ paddingInlineStart: `${depth}em` }}>
      <input type="checkbox" checked={checked} onChange={(event) => onChange(event.currentTarget.checked)} />
      <span>{name}</span>
    </label>
  );
}
