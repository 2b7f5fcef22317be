import type { Location } from "@storeward/contracts";
import { useApp } from "../../app/app.js";
import { t } from "../../messages/index.js";
import { Checks, type Choice, Group, TextField } from "./field.js";
import type { Problems } from "./problems.js";

const ROLES = "[ ,;]*[A-Za-z0-9][A-Za-z0-9\\-]*([ ,;]+[A-Za-z0-9][A-Za-z0-9\\-]*)*[ ,;]*";

/** All places in the order of the tree, by their codes. */
export function usePlaceChoices(): readonly Choice<string>[] {
  const { world } = useApp();
  const places = world.places.value;
  if (places === null) return [];
  const below = (location: Location, depth: number): Choice<string>[] => [
    { value: location.code, name: location.name, depth },
    ...places.children(location.id).flatMap((child) => below(child, depth + 1)),
  ];
  return places.list.locations.filter(({ parent }) => parent === null).flatMap((top) => below(top, 0));
}

/** Roles as people type them. */
export function RolesField({
  label,
  hint,
  value,
  required = false,
  problem,
  onChange,
}: {
  label: string;
  hint?: string;
  value: string;
  required?: boolean;
  problem?: string | undefined;
  onChange: (roles: string) => void;
}) {
  return (
    <TextField
      label={label}
      hint={hint}
      problem={problem}
      value={value}
      required={required}
      maxLength={500}
      pattern={ROLES}
      title={t.alertSetup.rolesForm}
      onChange={onChange}
    />
  );
}

/** Of which places; none: everywhere. */
export function PlacesGroup({
  chosen,
  problem,
  onChange,
}: {
  chosen: readonly string[];
  problem: string | undefined;
  onChange: (places: readonly string[]) => void;
}) {
  const words = t.alertSetup;
  const choices = usePlaceChoices();
  const gone = chosen.filter((code) => !choices.some(({ value }) => value === code));
  return (
    <Group legend={words.places} hint={words.placesHint(chosen.length)} problem={problem}>
      <Checks
        chosen={chosen}
        choices={[...gone.map((code) => ({ value: code, name: words.goneplace(code) })), ...choices]}
        onChange={onChange}
      />
    </Group>
  );
}

/** Of which alerts one is told. */
export function ScopeFields({
  roles,
  places,
  problems,
  onChange,
}: {
  roles: string;
  places: readonly string[];
  problems: Problems;
  onChange: (scope: { roles?: string; places?: readonly string[] }) => void;
}) {
  return (
    <>
      <RolesField
        label={t.alertSetup.roles}
        hint={t.alertSetup.rolesHint}
        value={roles}
        problem={problems.at("roles")}
        onChange={(typed) => onChange({ roles: typed })}
      />
      <PlacesGroup chosen={places} problem={problems.at("places")} onChange={(codes) => onChange({ places: codes })} />
    </>
  );
}
