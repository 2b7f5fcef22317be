import { useEffect, useId, useRef, useState } from "preact/hooks";
import { useApp } from "../app/app.js";
import { homeHref } from "../app/routing.js";
import { t } from "../messages/index.js";
import { Icon } from "../ui/icon.js";

const TYPING_MS = 160;

/** The search, first thing on the page. What is typed is in the address, so that it can be sent and gone back to. */
export function SearchBox({ q }: { q: string }) {
  const { navigation } = useApp();
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState(q);
  const sent = useRef(q);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);

  useEffect(() => {
    // The address changed by other means than typing.
    if (q !== sent.current) {
      clearTimeout(timer.current);
      sent.current = q;
      setText(q);
    }
  }, [q]);
  useEffect(() => () => clearTimeout(timer.current), []);

  const send = (value: string) => {
    clearTimeout(timer.current);
    const wanted = value.trim();
    if (wanted === sent.current) return;
    const how = sent.current === "" || wanted === "" ? "push" : "replace";
    sent.current = wanted;
    navigation.go(homeHref(wanted), how);
  };
  const type = (value: string) => {
    setText(value);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => send(value), TYPING_MS);
  };
  const clear = () => {
    setText("");
    send("");
    input.current?.focus();
  };
  return (
    <form
      class="search-box"
      onSubmit={(event) => {
        event.preventDefault();
        send(text);
      }}
    >
      <label class="unseen" for={id}>
        {t.search.label}
      </label>
      <Icon name="search" size={22} />
      <input
        ref={input}
        id={id}
        type="search"
        class="search-input"
        placeholder={t.search.placeholder}
        autocomplete="off"
        autocapitalize="none"
        spellcheck={false}
        enterkeyhint="search"
        value={text}
        onInput={(event) => type(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape" && text !== "") {
            event.preventDefault();
            clear();
          }
          if (event.key === "ArrowDown") {
            const first = document.querySelector<HTMLElement>("[data-results] a");
            if (first !== null) {
              event.preventDefault();
              first.focus();
            }
          }
        }}
      />
      {text === "" ? (
        <span class="search-key" title={t.search.hint} aria-hidden="true">
          /
        </span>
      ) : (
        <button type="button" class="button-icon" aria-label={t.search.clear} onClick={clear}>
          <Icon name="close" />
        </button>
      )}
    </form>
  );
}
