const MAX_COMMAND = 512;

/** Cuts what comes over the line into commands, at CR; LF is skipped. A command that is too long comes as undefined. */
export class CommandSplitter {
  #text = "";
  #tooLong = false;

  push(data: Buffer): (string | undefined)[] {
    const commands: (string | undefined)[] = [];
    for (const char of data.toString("latin1")) {
      if (char === "\n") continue;
      if (char === "\r") {
        if (this.#tooLong) commands.push(undefined);
        else if (this.#text !== "") commands.push(this.#text);
        this.#text = "";
        this.#tooLong = false;
      } else if (this.#text.length >= MAX_COMMAND) this.#tooLong = true;
      else this.#text += char;
    }
    return commands;
  }
}
