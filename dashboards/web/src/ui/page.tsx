import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { t } from "../messages/index.js";

/** The main part of a page. Its heading takes the focus when one comes to it, so that a screen reader says where one is. */
export function Page({
  title,
  heading,
  className = "",
  children,
}: {
  title: string;
  /** What stands as heading; none: the title, unseen. */
  heading?: ComponentChildren;
  className?: string;
  children: ComponentChildren;
}) {
  const h1 = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = title === t.product ? title : t.title(title);
  }, [title]);
  useEffect(() => {
    if (document.activeElement === document.body) h1.current?.focus({ preventScroll: true });
  }, []);
  return (
    <main id="content" class={`page ${className}`} tabIndex={-1}>
      <h1 ref={h1} tabIndex={-1} class={heading === undefined ? "unseen" : "page-title"}>
        {heading ?? title}
      </h1>
      {children}
    </main>
  );
}
