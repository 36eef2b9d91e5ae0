// What the visitor writes and attaches, and the menu of the bot's commands.
import { element, iconButton } from "./dom.js";
import { openDialog, toast } from "./overlay.js";
import { fileSize } from "./words.js";

const TALLEST = 180; // of the text field, in pixels
const MAX_FILE = 20 * 1024 * 1024; // what a bot may download in Telegram
const MAX_PHOTO = 10 * 1024 * 1024; // what Telegram takes as a photo
const byId = (id) => document.getElementById(id);

export class Composer {
  /**
   * `on.text(text, reply)` and `on.file({file, asPhoto, caption}, reply)` send; both answer a promise of
   * whether it was sent. `look()` gives the present `{words, language, commands, nameOf, summary}`.
   */
  constructor(on, look) {
    this.on = on;
    this.look = look;
    this.reply = null;
    this.drafts = new Map(); // visitor id → { text, reply }
    this.owner = null;
    this.field = byId("composer");
    this.list = byId("commands");
    byId("composer-form").onsubmit = (event) => {
      event.preventDefault();
      this.send();
    };
    this.field.oninput = () => this.changed();
    this.field.onkeydown = (event) => this.key(event);
    this.field.onblur = () => setTimeout(() => this.hideCommands(), 150);
    this.takesFiles();
    byId("command-menu").onclick = () => this.flipCommands();
  }

  /** Puts the words of the visitor's language on everything. */
  label() {
    const { words } = this.look();
    this.field.placeholder = words.composer;
    this.field.setAttribute("aria-label", words.composer);
    for (const [id, name, label] of [
      ["attach", "attach", words.attach],
      ["command-menu", "slash", words.commands],
      ["send", "send", words.send],
    ]) {
      const button = byId(id);
      button.replaceChildren(...iconButton(name, label).childNodes);
      button.title = label;
      button.setAttribute("aria-label", label);
    }
    byId("drop").textContent = words.dropHere;
    this.list.setAttribute("aria-label", words.commands);
    this.changed();
  }

  /** Keeps the draft of the visitor who leaves and brings back that of the one who comes. */
  switchTo(visitorId) {
    if (this.owner !== null) this.drafts.set(this.owner, { text: this.field.value, reply: this.reply });
    const draft = this.drafts.get(visitorId) ?? { text: "", reply: null };
    this.owner = visitorId;
    this.field.value = draft.text;
    this.setReply(draft.reply);
    this.changed();
  }

  async send() {
    const text = this.field.value.trim();
    if (!text) return;
    const { owner, reply } = this;
    this.field.value = "";
    this.setReply(null);
    this.changed();
    const sent = await this.on.text(text, reply);
    // What could not be sent comes back, unless something else is being written already.
    if (!sent && this.owner === owner && !this.field.value) {
      this.field.value = text;
      this.setReply(reply);
      this.changed();
    }
  }

  setReply(message) {
    this.reply = message;
    const { words, nameOf, summary } = this.look();
    const bar = byId("reply-bar");
    bar.hidden = !message;
    if (!message) return bar.replaceChildren();
    bar.replaceChildren(
      element("div", { className: "quote" }, element("strong", {}, words.replyingTo(nameOf(message))), element("span", {}, summary(message, words))),
      iconButton("close", words.removeReply, { onclick: () => this.setReply(null) }),
    );
    this.field.focus();
  }

  changed() {
    this.field.style.height = "auto";
    this.field.style.height = `${Math.min(this.field.scrollHeight, TALLEST)}px`;
    this.field.classList.toggle("tall", this.field.scrollHeight > TALLEST);
    byId("send").disabled = !this.field.value.trim();
    if (/^\/\w*$/.test(this.field.value)) this.showCommands(this.field.value.slice(1));
    else this.hideCommands();
  }

  key(event) {
    const open = !this.list.hidden;
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      const chosen = open && this.list.querySelector("[aria-selected=true]");
      if (chosen) chosen.click();
      else this.send();
    } else if (open && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      this.select(event.key === "ArrowDown" ? 1 : -1);
    } else if (open && event.key === "Tab" && !event.shiftKey) {
      event.preventDefault();
      const option = this.list.querySelector("[aria-selected=true]") ?? this.list.firstElementChild;
      this.field.value = `/${option.dataset.command} `;
      this.changed();
    } else if (event.key === "Escape") {
      if (open) this.hideCommands();
      else this.setReply(null);
    }
  }

  // --- commands ---------------------------------------------------------------------------------

  flipCommands() {
    if (this.list.hidden) this.showCommands("");
    else this.hideCommands();
    this.field.focus();
  }

  showCommands(start) {
    const matching = this.look().commands.filter(({ command }) => command.startsWith(start.toLowerCase()));
    this.list.replaceChildren(
      ...matching.map(({ command, description }, index) => {
        const option = element(
          "div",
          { className: "menu-command", id: `command-${index}`, data: { command, testid: "command" }, aria: { selected: "false" } },
          element("b", {}, `/${command}`),
          element("span", {}, description),
        );
        option.setAttribute("role", "option");
        option.onpointerdown = (event) => event.preventDefault(); // the text field keeps the focus
        option.onclick = () => {
          this.field.value = `/${command}`;
          this.hideCommands();
          this.send();
        };
        return option;
      }),
    );
    this.list.hidden = matching.length === 0;
    byId("command-menu").setAttribute("aria-expanded", String(!this.list.hidden));
  }

  hideCommands() {
    this.list.hidden = true;
    byId("command-menu").setAttribute("aria-expanded", "false");
    this.field.removeAttribute("aria-activedescendant");
  }

  select(step) {
    const options = [...this.list.children];
    const now = options.findIndex((option) => option.ariaSelected === "true");
    const next = (now + step + options.length + (now < 0 && step < 0 ? 1 : 0)) % options.length;
    options.forEach((option, index) => option.setAttribute("aria-selected", String(index === next)));
    options[next].scrollIntoView({ block: "nearest" });
    this.field.setAttribute("aria-activedescendant", options[next].id);
  }

  // --- files ------------------------------------------------------------------------------------

  takesFiles() {
    const input = byId("attach-input");
    byId("attach").onclick = () => input.click();
    input.onchange = () => {
      this.confirm([...input.files]);
      input.value = "";
    };
    this.field.onpaste = (event) => {
      const files = [...(event.clipboardData?.files ?? [])];
      if (files.length === 0) return;
      event.preventDefault();
      this.confirm(files);
    };
    const room = document.querySelector("main");
    const drop = byId("drop");
    room.ondragover = (event) => {
      if (!event.dataTransfer?.types.includes("Files") || byId("composer-form").hidden) return;
      event.preventDefault();
      drop.hidden = false;
    };
    room.ondragleave = (event) => {
      if (!room.contains(event.relatedTarget)) drop.hidden = true;
    };
    room.ondrop = (event) => {
      drop.hidden = true;
      if (byId("composer-form").hidden) return;
      event.preventDefault();
      this.confirm([...(event.dataTransfer?.files ?? [])]);
    };
  }

  /** Shows what is about to be sent and asks for a caption. */
  confirm(all) {
    const { words, language } = this.look();
    const files = all.filter((file) => acceptable(file, words)).slice(0, 10);
    if (files.length === 0) return;
    const pictures = files.some(isPhoto);
    const asFile = element("input", { type: "checkbox", data: { testid: "attach-as-file" } });
    const caption = element("input", { type: "text", maxLength: 1024, placeholder: words.caption, aria: { label: words.caption }, data: { testid: "attach-caption" } });
    const addresses = [];
    const form = element(
      "form",
      { method: "dialog" },
      element("h2", {}, words.sendFiles(files.length)),
      element("ul", { className: "attachments" }, files.map((file) => attachment(file, language, addresses))),
      pictures && element("label", { className: "check" }, asFile, words.asFile),
      caption,
      element(
        "div",
        { className: "box-actions" },
        element("button", { type: "button", className: "quiet", onclick: () => dialog.close() }, words.cancel),
        element("button", { type: "submit", className: "primary", data: { testid: "attach-send" } }, words.send),
      ),
    );
    const dialog = openDialog("box", words.attach, form);
    const { reply } = this;
    form.onsubmit = () => {
      this.setReply(null);
      files.forEach((file, index) => {
        // One caption for all stands under the first.
        this.on.file({ file, asPhoto: isPhoto(file) && !asFile.checked, caption: index === 0 ? caption.value.trim() : "" }, index === 0 ? reply : null);
      });
    };
    dialog.addEventListener("close", () => addresses.forEach((address) => URL.revokeObjectURL(address)));
    caption.focus();
  }
}

function isPhoto(file) {
  return ["image/jpeg", "image/png", "image/webp"].includes(file.type) && file.size <= MAX_PHOTO;
}

function acceptable(file, words) {
  if (file.size === 0) toast(words.fileEmpty(file.name));
  else if (file.size > MAX_FILE) toast(words.fileTooBig(file.name));
  else return true;
  return false;
}

function attachment(file, language, addresses) {
  const item = element("li", {});
  if (isPhoto(file)) {
    const address = URL.createObjectURL(file);
    addresses.push(address);
    item.append(element("img", { src: address, alt: "" }));
  }
  item.append(element("span", { className: "file-name" }, file.name), element("span", { className: "file-size" }, fileSize(file.size, language)));
  return item;
}
