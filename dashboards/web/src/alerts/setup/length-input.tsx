import { t } from "../../messages/index.js";
import { Field, Select } from "./field.js";
import { LENGTHS, type Length } from "./rule-draft.js";

const UNITS = Object.keys(LENGTHS) as (keyof typeof LENGTHS)[];

/** A length of time: a number and its unit. */
export function LengthInput({
  label,
  hint,
  value,
  min,
  problem,
  onChange,
}: {
  label: string;
  hint?: string;
  value: Length;
  /** In its unit. */
  min: number;
  problem?: string | undefined;
  onChange: (value: Length) => void;
}) {
  const words = t.alertSetup;
  return (
    <Field label={label} hint={hint} problem={problem}>
      {(described) => (
        <div class="field-length">
          <input
            {...described}
            type="number"
            class="input num"
            required
            min={min}
            max={99_999_999}
            step={1}
            value={value.n}
            onInput={(event) => onChange({ ...value, n: event.currentTarget.value })}
          />
          <Select
            aria-label={words.unitOf(label)}
            value={value.unit}
            choices={UNITS.map((unit) => ({ value: unit, name: words.units[unit] }))}
            onChange={(unit) => onChange({ ...value, unit })}
          />
        </div>
      )}
    </Field>
  );
}
