import { useId } from "preact/hooks";
import { useApp } from "../app/app.js";
import { t } from "../messages/index.js";
import { Icon } from "../ui/icon.js";

/** Where the reader is, for "nearest first". */
export function IAmAt() {
  const { world, here } = useApp();
  const id = useId();
  const places = world.places.value;
  const rooms = (places?.list.locations ?? []).filter(
    ({ id: place, type }) => type === "room" || (type === "department" && places?.children(place).length === 0),
  );
  // A remembered place that is no more counts as not said.
  const chosen = rooms.some((room) => room.id === here.value) ? (here.value ?? "") : "";
  return (
    <div class="i-am-at">
      <Icon name="pin" size={18} />
      <label for={id}>{t.search.iAmAt}</label>
      <select
        id={id}
        class="select"
        value={chosen}
        onChange={(event) => {
          here.value = event.currentTarget.value === "" ? null : event.currentTarget.value;
        }}
      >
        <option value="">{t.search.nowhere}</option>
        {rooms.map((room) => (
          <option key={room.id} value={room.id}>
            {room.name}
          </option>
        ))}
      </select>
    </div>
  );
}
