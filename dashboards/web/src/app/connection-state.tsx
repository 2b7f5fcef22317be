import { t } from "../messages/index.js";
import { clockTime } from "../time/words.js";
import { useApp } from "./app.js";

/** Whether what is shown is what is so. */
export function ConnectionState() {
  const { world } = useApp();
  const connection = world.connection.value;
  const clock = connection.state === "reconnecting" ? clockTime(connection.asOf, world.style.value) : "";
  return (
    <p
      class={`connection connection-${connection.state}`}
      role="status"
      title={t.connection.hint[connection.state]}
      data-testid="connection"
      data-state={connection.state}
    >
      <span class="connection-dot" aria-hidden="true" />
      {connection.state === "reconnecting" ? (
        <>
          <span class="wide">{t.connection.reconnecting(clock)}</span>
          <span class="narrow">{t.connection.reconnectingShort(clock)}</span>
        </>
      ) : (
        <span>{t.connection[connection.state]}</span>
      )}
    </p>
  );
}
