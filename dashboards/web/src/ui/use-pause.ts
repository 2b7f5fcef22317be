import { useState } from "preact/hooks";

/** Whether somebody reads here: the mouse is over it or the focus is in it. A finger that has tapped and gone does not count. */
export function usePause() {
  const [over, setOver] = useState(false);
  const [focused, setFocused] = useState(false);
  return {
    paused: over || focused,
    handlers: {
      onPointerEnter: (event: PointerEvent) => setOver(event.pointerType === "mouse"),
      onPointerLeave: () => setOver(false),
      onFocusIn: () => setFocused(true),
      onFocusOut: (event: FocusEvent) => {
        const inside = event.currentTarget instanceof Node && event.relatedTarget instanceof Node;
        setFocused(inside && (event.currentTarget as Node).contains(event.relatedTarget as Node));
      },
    },
  };
}
