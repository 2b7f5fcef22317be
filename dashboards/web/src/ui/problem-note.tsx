import { problemWords } from "../api/problem.js";
import { t } from "../messages/index.js";
import { Icon } from "./icon.js";

/** What went wrong, in words, and a way to try again where there is one. */
export function ProblemNote({ error, retry }: { error: unknown; retry?: () => void }) {
  if (error === null || error === undefined) return null;
  const { text, errors, reference } = problemWords(error, t);
  return (
    <div class="note note-bad" role="alert">
      <Icon name="warning" />
      <div class="note-body">
        <p>{text}</p>
        {errors.length > 0 && (
          <ul>
            {errors.map(({ where, message }) => (
              <li key={where + message}>
                <strong>{where}</strong> {message}
              </li>
            ))}
          </ul>
        )}
        {reference !== null && <p class="small muted">{reference}</p>}
        {retry !== undefined && (
          <button type="button" class="button button-small" onClick={retry}>
            {t.tryAgain}
          </button>
        )}
      </div>
    </div>
  );
}
